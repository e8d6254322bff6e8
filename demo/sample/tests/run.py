"""``run.py LAYER``: run the tests of a layer; leaves report.xml (JUnit), of unit tests coverage.xml (Cobertura) too."""

from __future__ import annotations

import sys
import time
import unittest
from xml.etree import ElementTree as Xml

import plumbline_recorder

reached: set[int] = set()


class Result(plumbline_recorder.Result):
    """Also writes down what becomes of each test."""

    suite = Xml.Element("testsuite", name="quotes")

    def startTest(self, test):
        super().startTest(test)
        self.began, self.case = time.monotonic(), Xml.SubElement(self.suite, "testcase", name=test.id().split(".")[-1])
        self.case.set("classname", test.id().rpartition(".")[0])

    def stopTest(self, test):
        self.case.set("time", f"{time.monotonic() - self.began:.3f}")
        super().stopTest(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        Xml.SubElement(self.case, "failure", message=str(err[1])[:300]).text = self.failures[-1][1]

    def addError(self, test, err):
        super().addError(test, err)
        Xml.SubElement(self.case, "error", message=str(err[1])[:300]).text = self.errors[-1][1]

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        Xml.SubElement(self.case, "skipped", message=reason)


def watch(frame, _event, _value):
    if not frame.f_code.co_filename.endswith("quotes/rates.py"):
        return None
    reached.add(frame.f_lineno)
    return watch


def write_coverage():
    from quotes import rates

    code = rates.monthly_rate.__code__
    wanted = sorted({line for _, _, line in code.co_lines() if line and line != code.co_firstlineno})
    share = len(reached & set(wanted)) / len(wanted)
    top = Xml.Element("coverage", {"line-rate": f"{share:.4f}", "branch-rate": "0", "version": "1", "timestamp": "0"})
    Xml.SubElement(Xml.SubElement(top, "sources"), "source").text = "."
    package = Xml.SubElement(Xml.SubElement(top, "packages"), "package", name="quotes")
    package.set("line-rate", f"{share:.4f}")
    file = Xml.SubElement(Xml.SubElement(package, "classes"), "class", name="rates", filename="quotes/rates.py")
    lines = Xml.SubElement(file, "lines")
    for line in wanted:
        Xml.SubElement(lines, "line", number=str(line), hits=str(int(line in reached)))
    Xml.ElementTree(top).write("coverage.xml", encoding="utf-8", xml_declaration=True)
    print(f"covered: {100 * share:.1f}%")


def main(layer):
    properties = Xml.SubElement(Result.suite, "properties")
    Xml.SubElement(properties, "property", name="layer", value=layer)
    tests = unittest.defaultTestLoader.discover(f"tests/{layer}")
    if layer == "unit":
        sys.settrace(watch)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(tests)
    sys.settrace(None)
    if layer == "unit":
        write_coverage()
    Xml.ElementTree(Result.suite).write("report.xml", encoding="utf-8", xml_declaration=True)
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.path.insert(0, ".")
    sys.exit(main(sys.argv[1]))
