"""A framework of our own with three levels, small enough to see through; nothing in the source knows it."""

from __future__ import annotations

from functools import cache

from tests.maturity.fact_maker import SCOPE, good, none

from plumbline.maturity import PackFile, grade, read_pack
from plumbline.model.fact import Lack

TEXT = """\
format: 1
id: lighthouse
version: '1'
name: {en: Lighthouse, zh: 灯塔}
notice: {en: A framework of this test., zh: 本测试的框架。}
levels:
- id: bronze
  name: {en: bronze, zh: 铜级}
- id: silver
  name: {en: silver, zh: 银级}
- id: gold
  name: {en: gold, zh: 金级}
groups:
- id: build
  name: {en: building, zh: 构建}
  items:
  - id: ci
    name: {en: integration, zh: 集成}
    looks_at: {en: how changes come together, zh: 变更如何汇合}
    levels:
      bronze:
      - id: ci-b1
        text: {en: there are builds, zh: 有构建}
        kind: demand
        evidence: automatic
        effort: low
        remedy: {en: Build once., zh: 构建一次。}
        signals:
        - {probe: count, fact: builds, title: {en: builds, zh: 构建次数}, at: {op: '>=', value: 1, unit: count}}
      - id: ci-b2
        text: {en: somebody builds at night, zh: 有人夜间构建}
        kind: demand
        evidence: automatic
        effort: medium
        remedy: {en: Build at night., zh: 夜间构建。}
        replaced_by: [ci-s1]
        signals:
        - {probe: count, fact: nightly, title: {en: at night, zh: 夜间构建}, at: {op: '>=', value: 1, unit: count}}
      - id: ci-b0
        text: {en: builds break, zh: 构建常失败}
        kind: sign
        evidence: automatic
        effort: low
        remedy: {en: Mend them., zh: 修复构建。}
        signals:
        - {probe: share, fact: broken, title: {en: broken builds, zh: 失败构建}, at: {op: '>', value: 50, unit: '%'}}
      silver:
      - id: ci-s1
        text: {en: pushes are built, zh: 推送即构建}
        kind: demand
        evidence: automatic
        effort: medium
        remedy: {en: Build every push., zh: 每次推送都构建。}
        signals:
        - probe: share
          fact: pushes-built
          title: {en: pushes that were built, zh: 已构建的推送}
          at: {op: '>=', value: 90, unit: '%', window_days: 90}
        - probe: share
          fact: pushes-built-elsewhere
          title: {en: of another company, zh: 另一家公司}
          at: {op: '>=', value: 99, unit: '%', binding: false}
      - id: ci-s2
        text: {en: builds are quick, zh: 构建迅速}
        kind: demand
        evidence: automatic
        effort: high
        remedy: {en: Build in parallel., zh: 并行构建。}
        signals:
        - {probe: median, fact: build-time, title: {en: build time, zh: 构建时长}, at: {op: '<=', value: 10, unit: min}}
      gold:
      - id: ci-g1
        text: {en: rules are written down, zh: 规则成文}
        kind: demand
        evidence: statement
        effort: low
        remedy: {en: Write the rules down., zh: 写下规则。}
        signals:
        - {probe: statement, fact: statement-build-rules, title: {en: build rules, zh: 构建规则}}
- id: run
  name: {en: running, zh: 运行}
  groups:
  - id: run.watch
    name: {en: watching, zh: 监控}
    items:
    - id: alarm
      name: {en: alarms, zh: 告警}
      looks_at: {en: who wakes up, zh: 谁被叫醒}
      inherits: {silver: true}
      levels:
        bronze:
        - id: alarm-b1
          text: {en: there are alarms, zh: 有告警}
          kind: demand
          evidence: automatic
          effort: low
          remedy: {en: Set an alarm., zh: 设置告警。}
          signals:
          - {probe: count, fact: alarms, title: {en: alarms, zh: 告警数}, at: {op: '>=', value: 1, unit: count}}
        silver: []
        gold:
        - id: alarm-g1
          text: {en: alarms are answered, zh: 告警有人处理}
          kind: demand
          evidence: automatic
          effort: medium
          remedy: {en: Answer them., zh: 处理告警。}
          signals:
          - probe: share
            fact: alarms-answered
            title: {en: alarms that were answered, zh: 已处理的告警}
            at: {op: '>=', value: 95, unit: '%', window_days: 30}
"""


@cache
def small(**changes):
    """The pack; ``changes`` replace texts: ``small(waived_counts=True)`` lets waivers count."""
    text = TEXT
    if changes.get("most_off"):
        text = text.replace("groups:\n", f"roll_up: {{most_off: {changes['most_off']}}}\ngroups:\n", 1)
    if changes.get("waived_counts"):
        text = text.replace("groups:\n", "roll_up: {waived_counts: true}\ngroups:\n", 1)
    return PackFile(read_pack(text, "lighthouse.yaml"))


def facts(*met, pack=None):
    """Answers by which these criteria are met, and nothing is known of the others."""
    found = {}
    for id_, (_, _, criterion) in (pack or small()).criteria.items():
        for signal in criterion.signals:
            found[signal.key] = good(signal) if id_ in met else none(signal, Lack.NO_SOURCE)
    return found


def graded(*met, exempt=(), pack=None, **others):
    """``others``: facts by their key with "_" for "-", over the rest."""
    pack = pack or small()
    found = facts(*met, pack=pack) | {name.replace("_", "-"): one for name, one in others.items()}
    return grade(pack, found, exempt, SCOPE)


def item(assessment, id_):
    return next(one for one in assessment.every_item() if one.id == id_)
