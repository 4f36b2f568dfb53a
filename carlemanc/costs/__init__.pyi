from carlemanc.costs.ledger import Ledger as Ledger
from carlemanc.costs.ledger import Row as Row
