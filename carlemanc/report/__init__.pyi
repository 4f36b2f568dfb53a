from carlemanc.report.assembly import assemble as assemble
from carlemanc.report.driver import Report as Report
from carlemanc.report.driver import report as report
from carlemanc.report.material import load_material as load_material
