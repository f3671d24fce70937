### status: machine

language-tag = zh
language-name = 中文
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = ,
number-decimal = .
number-grouped-from = 4
number-minus = -
number-percent = { $number }%
number-range = { $low }-{ $high }
date-day = { $year }年{ $month }{ $day }日
date-month = { $year }年{ $month }
date-quarter = { $year }年{ $first } – { $last }
date-span = { $first } – { $last }
month-1 = 1月
month-2 = 2月
month-3 = 3月
month-4 = 4月
month-5 = 5月
month-6 = 6月
month-7 = 7月
month-8 = 8月
month-9 = 9月
month-10 = 10月
month-11 = 11月
month-12 = 12月
month-in-date-1 = 1月
month-in-date-2 = 2月
month-in-date-3 = 3月
month-in-date-4 = 4月
month-in-date-5 = 5月
month-in-date-6 = 6月
month-in-date-7 = 7月
month-in-date-8 = 8月
month-in-date-9 = 9月
month-in-date-10 = 10月
month-in-date-11 = 11月
month-in-date-12 = 12月

## Operator

operator-outcome-known = 已知
operator-outcome-near = 相近
operator-outcome-ignored = 已忽略
operator-outcome-unknown = 未知
operator-outcome-unchecked = 未检查
operator-outcome-quarantined = 隔离中
operator-outcome-deconfirmed = 已否定
operator-meaning-known = 与名单中的文件相同
operator-meaning-near = 与名单中的图片相似；由人决定
operator-meaning-near-all = 与名单中的图片或视频相似；由人决定
operator-meaning-ignored = 在无害文件名单中
operator-meaning-unknown = 已检查，不在任何名单中
operator-meaning-unknown-in-part = 已检查，不在所查的部分名单中
operator-meaning-unchecked = 未检查或只检查了一部分，未发现任何内容
operator-meaning-quarantined = 与隔离中的条目相符；由人决定
operator-meaning-deconfirmed = 与在此处已否定的条目相符
operator-summary = { $items ->
   *[other] { NUMBER($items) } 项
    }，{ $bytes }，用时 { $seconds } 秒（每秒 { NUMBER($rate) } 项）
operator-watched = { $count ->
   *[other] { NUMBER($count) } 项
    }在受关注的名单中，不论结果如何
operator-suppressed = { $count ->
   *[other] { NUMBER($count) } 项
    }的匹配被无害文件名单推翻
operator-repeats = { $count ->
   *[other] { NUMBER($count) } 项与较早的一项字节相同，后者已代表全部解码
    }
operator-alike = { NUMBER($items) } 个未知项彼此相似，共 { $groups ->
   *[other] { NUMBER($groups) } 组
    }：每组看一个即可
operator-part = 只查了部分名单（{ $selection }）：已查 { $entries ->
   *[other] { NUMBER($entries) } 个条目
    }；{ NUMBER($rest) } 个未查。
operator-not-allowed = 未查：{ $set }，因为 { $reason }。
operator-gaps = 哪些未检查，以及原因：
operator-excluded = 按要求略过：{ $count ->
   *[other] { NUMBER($count) } 个文件或文件夹
    }。
operator-links = 未跟随：{ $count ->
   *[other] { NUMBER($count) } 个链接
    }。
operator-queries = { $count ->
   *[other] { NUMBER($count) } 个查询
    }
operator-comma = ，
operator-count = { $what } { NUMBER($count) }
operator-watched-word = 受关注
operator-suppressed-word = 被推翻
operator-verdicts = 判定（仅限本地，请勿分享）：{ $path }
operator-page = 从这一页开始：{ $path }
operator-signed = 已签名；以后核对：{ $command }
operator-more = ……还有更多，距离更远
operator-where = 查看位置：
operator-public = 公开页面
operator-release = 已签名的发布
operator-local-verdicts = 本地判定
operator-run = 运行 { $run }
operator-lists = { $program }；名单：{ $lists }
operator-revision = { $set }（版本 { $revision }）
operator-show = 显示{ $what }
operator-names = 显示文件名
operator-local = 仅限本地，请勿分享。
operator-hidden-note = 不显示任何图片；文件名在您要求之前是隐藏的。
operator-unreviewed = 还没有以此语言为母语的人检查过本页的文字。
operator-numbers = 数字概览
operator-items = 项
operator-with-verdict = 有判定
operator-inside = 内含
operator-inside-note = 在压缩包、邮件和文档内发现
operator-repeats-word = 重复
operator-repeats-note = 与较早的一项字节相同
operator-spared = 无需打开
operator-spared-note = 无需任何人打开的项：已知、无害，或与已看过的相似
operator-gaps-title = 哪些未检查，以及原因
operator-found = 发现的内容
operator-show-label = 显示：
operator-file-names = 文件名
operator-th-outcome = 结果
operator-th-kind = 类型
operator-th-bytes = 字节
operator-th-list = 名单
operator-th-entry = 条目
operator-th-by = 依据
operator-th-labels = 标签
operator-th-unchecked = 未检查
operator-th-file = 文件
operator-cut = 共 { NUMBER($all) } 项（{ $outcome }），显示前 { NUMBER($shown) } 项；全部在 { $file } 中。
operator-alike-title = 未知且相似
operator-alike-note = { NUMBER($items) } 个未知的图片和视频与其他相似，共 { NUMBER($groups) } 组。看过一组中的一个，就等于看过全组。
operator-th-group = 组
operator-th-items = 项
operator-th-first = 第一个文件
operator-and-more = 另有 { NUMBER($count) } 个
operator-hidden = 隐藏
operator-distance = { $signal }，{ $bits ->
   *[other] { NUMBER($bits) } 位
    }
