from carlemanc.present.page.driver import Report as Report
from carlemanc.present.page.driver import assemble as assemble
from carlemanc.present.page.driver import report as report
from carlemanc.present.page.material import load_material as load_material
