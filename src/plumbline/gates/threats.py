"""How the judge could be cheated, what stands against it, and the test that shows it. Shown on a page of its own."""

from __future__ import annotations

import msgspec

from plumbline.model.words import Words


class Threat(msgspec.Struct, frozen=True, kw_only=True):
    """``test``: file and name of the test; another test sees to it that it is there."""

    id: str
    title: Words
    against: Words
    test: str


def _threat(id_: str, en: str, zh: str, against_en: str, against_zh: str, test: str) -> Threat:
    return Threat(id=id_, title=Words(en=en, zh=zh), against=Words(en=against_en, zh=against_zh), test=test)


_COMPLAINTS = "tests/gates/test_gate_complaints.py::"
_JUDGE = "tests/gates/test_gate_judge.py::"
_POLICIES = "tests/gates/test_gate_policies.py::"
_PROPERTIES = "tests/gates/test_gate_properties.py::"
_REPLAY = "tests/gates/test_gate_replay.py::"
_WAIVING = "tests/gates/test_gate_waiving.py::"
_COLLECTIONS = "tests/flow/test_flow_collections.py::"
_FLOW = "tests/flow/test_flow_gates.py::"
_TWO = "tests/flow/test_flow_gate_waivers.py::"

THREATS: tuple[Threat, ...] = (
    _threat(
        "client-judges-itself",
        "The client judges itself: a job sends its own verdict.",
        "客户端自我裁决：作业自行上报结论。",
        "No fact is a verdict. The server counts what reports list and judges by that, not by what a tool concluded.",
        "没有任何事实是“结论”。服务器统计报告中列出的内容并据此裁决，工具自己的结论不予采纳。",
        _COMPLAINTS + "test_a_clients_verdict_is_no_fact",
    ),
    _threat(
        "selector-typo",
        "A selector with a typo: the policy is meant for a branch, tier or class that does not exist.",
        "选择器拼写错误：策略针对并不存在的分支、层级或类别。",
        "Tiers and classes are known words, refused where written. A branch that matches nothing leaves the gate "
        "without data, which is no pass, and the policy is listed as passed over.",
        "层级与类别是已知词，写错即被拒绝；不匹配任何分支时门禁为无数据，不算通过，且该策略被列为未选中。",
        _COMPLAINTS + "test_conforma_1554_a_selector_with_a_typo_is_no_success",
    ),
    _threat(
        "policy-never-ran",
        "A policy that never ran looks clean.",
        "从未运行的策略看起来没有问题。",
        "Every policy that stands at the node is in the verdict: judged, or passed over with what by.",
        "节点上的每条策略都出现在裁决中：要么已裁决，要么注明因何未选中。",
        _COMPLAINTS + "test_2334_a_policy_that_never_ran_does_not_look_clean",
    ),
    _threat(
        "skip",
        "An author writes “skip”, “disabled” or “allow_failure” into a policy.",
        "作者在策略中写入 skip、disabled 或 allow_failure。",
        "The language has no such word; the text is refused when it is saved.",
        "策略语言中没有这样的词，保存时即被拒绝。",
        _POLICIES + "test_each_mistake_has_its_name",
    ),
    _threat(
        "empty-set",
        "No policy stands there, or one without checks, or none that applies.",
        "没有策略、策略没有检查项，或没有一项适用。",
        "Each is no data with its own reason, and no data is never a pass. No waiver helps: there is no line to waive.",
        "每种情况都是无数据并有各自的原因代码，无数据绝不算通过；因没有可豁免的检查项，豁免也无效。",
        _JUDGE + "test_what_decides_nothing_is_no_data_and_says_why",
    ),
    _threat(
        "constant-condition",
        "A condition that is always true: “true”, “1 == 1”.",
        "恒真的条件：true、1 == 1。",
        "A condition has to name a fact, and without that fact there is no answer, whatever else stands in it.",
        "条件必须引用事实；缺少该事实就没有结果，无论条件里还写了什么。",
        _PROPERTIES + "test_a_check_whose_fact_is_missing_never_passes",
    ),
    _threat(
        "left-out",
        "What would look bad is not delivered at all.",
        "对自己不利的内容干脆不提交。",
        "A missing fact never helps: whatever passes without it passes with it too. A contract says what is due.",
        "缺失的事实绝不会带来好处：缺它能通过的，有它也能通过。应交内容由证据契约规定。",
        _PROPERTIES + "test_leaving_a_fact_out_never_helps",
    ),
    _threat(
        "empty-report",
        "An empty report stands for a clean scan; a run of no tests for a good one.",
        "以空报告冒充扫描无发现，以零用例冒充测试通过。",
        "A scan counts only where its report proves what it looked at. No test, no artifact, no component is no data.",
        "报告能证明扫描范围才算数；零用例、零制品、零组件都是无数据。",
        _COMPLAINTS + "test_an_empty_list_is_no_clean_scan",
    ),
    _threat(
        "wrong-clock",
        "A clock that is wrong makes a check not begun yet, or a waiver last longer.",
        "时钟错误使检查项尚未生效，或使豁免延长。",
        "The server has one moment for each evaluation, takes it itself, and keeps it; events' own clocks decide "
        "nothing. A waiver that was agreed in the future is void.",
        "每次裁决只有一个由服务器取得并留存的时刻，事件自带的时钟不起作用；在未来同意的豁免无效。",
        _WAIVING + "test_anything_less_is_not_in_force",
    ),
    _threat(
        "changed-evaluation",
        "A kept evaluation is changed afterwards, or copied.",
        "事后篡改或复制已留存的裁决。",
        "It is done again from its facts and the text of its policy: another outcome comes out, or the digest differs. "
        "Its event stands in the signed ledger.",
        "可凭其事实与策略原文重新裁决：结果会不同，或摘要不符；其事件记录在签名账本中。",
        _REPLAY + "test_the_outcome_is_made_anew_and_not_copied",
    ),
    _threat(
        "other-policy-text",
        "An evaluation is held against another text of the policy than it was made by.",
        "用另一版本的策略原文来核对裁决。",
        "The evaluation names the digest of the text, and no other is taken.",
        "裁决记录了原文摘要，其他文本一律不予接受。",
        _REPLAY + "test_another_text_is_refused",
    ),
    _threat(
        "other-revision",
        "The verdict of an earlier revision stands for the newest one.",
        "以旧版本的裁决代表最新版本。",
        "A verdict belongs to the commit and the facts it names; a waiver for a commit holds for no other.",
        "裁决只属于其注明的提交与事实；针对某提交的豁免对其他提交无效。",
        _FLOW + "test_what_is_missing_is_no_pass_and_a_new_commit_has_no_verdict",
    ),
    _threat(
        "waiver-by-one",
        "One person waives alone, under one name or by agreeing with themselves.",
        "一个人独自豁免，或自己同意自己的申请。",
        "In force is only what one person asked and another agreed to, both with accounts in use.",
        "只有一人申请、另一人同意且两人账号均有效的豁免才生效。",
        _TWO + "test_who_asked_does_not_agree_and_who_wrote_the_change_neither",
    ),
    _threat(
        "waiver-of-who-left",
        "A waiver outlives the people who answer for it.",
        "豁免的责任人已离职，豁免却仍然有效。",
        "It is void as soon as one of its two persons is here no longer.",
        "两人中任何一人离开，豁免即失效。",
        _TWO + "test_it_is_void_at_once_when_one_of_the_two_left",
    ),
    _threat(
        "waiver-too-wide",
        "A waiver for one thing is used for another.",
        "针对某一事项的豁免被用于其他事项。",
        "It sets aside one line, at its node and below, for its commit, change or digest alone, until its end.",
        "豁免只针对一个检查项，限定于其节点及以下，以及指定的提交、变更或摘要，并有截止时间。",
        _WAIVING + "test_a_waiver_holds_for_its_commit_change_and_digest_alone",
    ),
    _threat(
        "loosened-below",
        "A project writes a policy of its own that asks for less.",
        "项目自行编写要求更低的策略。",
        "Policies add up: all have to pass, wherever they stand. A further one never turns a refusal into a pass.",
        "策略是叠加的：无论位于何处都必须全部通过；增加策略绝不会把拒绝变为通过。",
        _COMPLAINTS + "test_a_policy_below_never_loosens_one_above",
    ),
    _threat(
        "newer-policy",
        "An older server meets a policy that it does not understand, and goes on.",
        "旧版服务器遇到无法理解的策略却继续放行。",
        "A newer language, an unknown function, fact or check is an error of the policy, which stays in force.",
        "更新的策略语言、未知函数、事实或检查项都是该策略的错误，策略仍然有效。",
        _JUDGE + "test_a_policy_that_this_server_cannot_read_stays_in_force_as_an_error",
    ),
    _threat(
        "throwing-condition",
        "A condition throws: a division by zero, a value of another type.",
        "条件抛出异常：除以零、值的类型不符。",
        "That is the outcome error, with what went wrong; an error is never a pass.",
        "结果为错误并说明原因；错误绝不算通过。",
        _JUDGE + "test_a_condition_that_comes_to_no_answer_is_an_error",
    ),
    _threat(
        "endless-condition",
        "A condition or a text is made to take for ever: nested repetition, aliases that multiply, great depth.",
        "条件或文本被构造得无休止运行：嵌套重复、别名膨胀、极深嵌套。",
        "Conditions see plain values alone, regular expressions run in linear time, and texts have limits.",
        "条件只能访问普通值，正则表达式线性时间执行，文本有大小与深度限制。",
        "tests/gates/test_gate_hostile.py::test_a_condition_cannot_be_made_to_take_for_ever",
    ),
    _threat(
        "unknown-class",
        "A system is given no class, so that no policy of a class is meant for it.",
        "系统不设类别，从而避开按类别适用的策略。",
        "Where it is not known whether a policy is meant, the outcome is no data.",
        "无法得知策略是否适用时，结果为无数据。",
        _JUDGE + "test_what_decides_nothing_is_no_data_and_says_why",
    ),
    _threat(
        "endless-trial",
        "A check stays advisory for ever.",
        "检查项永远停留在试行阶段。",
        "What is advisory says from when it is enforced; and where nothing is enforced, nothing passes.",
        "试行的检查项必须写明强制执行日期；没有任何强制项时不算通过。",
        _POLICIES + "test_each_mistake_has_its_name",
    ),
    _threat(
        "stated-not-recorded",
        "What people say of themselves is taken for a record.",
        "以自我声明代替记录。",
        "A policy cannot ask for a statement: such probes are refused in it.",
        "策略不能询问声明：此类探针会被拒绝。",
        _POLICIES + "test_each_mistake_has_its_name",
    ),
    _threat(
        "scan-deleted",
        "The job that scans is taken out of the configuration.",
        "把扫描作业从配置中删除。",
        "What is due is not written in the configuration: the collection closes with a slot missing.",
        "应交内容不写在流水线配置里：收集关闭时槽位缺失，即不齐备。",
        "tests/flow/test_flow_gates_story.py::test_the_deleted_scan_the_real_finding_and_the_waiver_of_two",
    ),
    _threat(
        "contract-weakened",
        "A contract below, or one in the repository, takes away what one above asks for.",
        "下级契约或代码库中的契约取消上级的要求。",
        "It may add and tighten; what is weaker is refused with its line when it is saved.",
        "只能增加和收紧；更宽松的在保存时被拒绝并指出所在行。",
        "tests/flow/test_flow_contracts.py::test_below_a_contract_may_be_tightened_and_never_weakened",
    ),
    _threat(
        "brought-by-hand",
        "A person uploads a report that nothing of ours made.",
        "有人上传并非由本平台产生的报告。",
        "It is that person's word, listed as such, and fills only what asks for a person's word.",
        "那只是此人的话，如实列出，仅能填写要求个人陈述的槽位。",
        "tests/contracts/test_contract_kinds.py::test_what_a_person_brings_is_that_persons_word",
    ),
    _threat(
        "other-subject",
        "Evidence is of another commit, artifact or environment, or from somebody whose word does not count.",
        "提交属于其他提交、制品或环境的证据，或由话不算数者提交。",
        "A slot is filled only by what is about exactly its subject and of an allowed origin.",
        "只有对象完全一致且来源被允许的证据才能填写槽位。",
        "tests/contracts/test_contract_properties.py::test_e3_what_fills_is_about_exactly_that_and_of_somebody_whose_word_counts",
    ),
    _threat(
        "delivered-late",
        "Evidence is delivered after the decision, to make it look founded.",
        "在作出决定之后补交证据，使其看似有据。",
        "It is kept and marked as late, and rewrites nothing.",
        "迟到的证据予以保留并标明，不改写任何结论。",
        _COLLECTIONS + "test_what_comes_after_it_was_closed_is_marked_once_and_rewrites_nothing",
    ),
    _threat(
        "author-under-another-name",
        "Authors approve their own change with an account of another name.",
        "作者用另一个名字的账号批准自己的变更。",
        "Only who certainly wrote none of it counts as another reviewer; where nobody can tell, it is no data.",
        "只有确定没有参与编写的人才算他人；无法判断时为无数据。",
        "tests/gates/test_gate_checks.py::test_a_check_finds_what_is_so",
    ),
)
