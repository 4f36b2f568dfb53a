from carlemanc.costs.ledger import Ledger as Ledger
from carlemanc.costs.ledger import LedgerRow as LedgerRow
