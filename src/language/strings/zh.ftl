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

## The frame of every page

site-one = { $publisher }的数字
site-many = 多个机构的数字
page-title = { $page } – { $site }
list-separator = 、
colon = { "：" }
stop = { "。" }
in-brackets = （{ $text }）
skip = 跳到正文
nav-pages = 页面
nav-overview = 概览
nav-releases = 历次发布
nav-method = 如何解读
nav-data = 数据
nav-glossary = 术语表
nav-brief = 简报
languages = 语言
on-this-page = 本页内容
demo-sign = 演示
demo-text = 这是关于无害的生成图片的虚构数据；这些数字不说明任何情况。
unreviewed-machine = 本页文字由机器翻译，尚无通晓中文的人核对，可能有误。以英文页面为准。
unreviewed-draft = 本页文字是为本项目撰写的，措辞尚未经其他人核对。
unreviewed-some = 带有{ $mark }标记的文字尚无通晓中文的人核对，可能有误。
review-lacking = 本页因缺少本语言文本而以英文显示的文字：{ NUMBER($count) }处。
english-words = 以下英文逐字引自经签名的说明文件（manifest）：
footer-made = 使用 { $program } 制作，仅依据经签名的发布：其中的统计数字在离开机构之前已受到保护。
footer-nothing = 这些页面不从别处加载任何内容，不设置 Cookie，也不监视任何人。

## The page on which a language is chosen

start-what = 用公布的数字说明在保护儿童免遭性虐待的工作中发现和处理了什么：统计了什么，有何变化，以及这些数字不能说明什么。
start-latest = 最近一期：{ $period }

## Counts, ranges and sums

count-items = { $count ->
   *[other] { NUMBER($count) }项
}
count-reports = { $count ->
   *[other] { NUMBER($count) }次举报
}
count-urls = { $count ->
   *[other] { NUMBER($count) }个网址
}
withheld = 不予公布
near-threshold-title = 略高于不予公布的界线；这样的数字往往偏高。
near-mark-note = { $mark } 略高于不予公布的界线；这样的数字往往偏高。
all-groups = 所有组别合计
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }（其余部分）
rest-note = “其余部分”：该行只计入表中没有单独列出的部分，而不是其名称所指的全部。
sum-shown = 所示数字之和
sum-sentence = { $period }：约{ $count }。把不予公布的部分考虑在内，100次中至少有95次，真实数量在{ $low }至{ $high }之间。
# The same where something is withheld.
sum-between = { $period }：100次中至少有95次在{ $low }至{ $high }之间；所示数字之和为{ $count }。
sum-leaves-out = { $withheld ->
   *[other] 这个数字未包括表中{ NUMBER($cells) }个组中的{ NUMBER($withheld) }个，其数字不予公布。
}
sum-near = { $near ->
   *[other] 其中有{ NUMBER($near) }个数字略高于阈值，而略高于阈值的数字往往偏高。
}
nothing-shown = { $period }没有可以公布的数字。每个数字都太小，可能会透露单个案例的情况，因此全部不予公布。不要把它读作零：可能一个也没有，也可能有一些，这些页面无法分辨是哪一种。
not-children = 这里统计的是内容项、举报或网址。它们不是儿童，不是做了某事的人，也不能衡量虐待有多少。

## Changes

change-none = 与{ $before }相比没有明确变化：考虑到加入的随机性和不予公布的部分，可能增多了，可能减少了，也可能一样多。
change-more = 比{ $before }多{ $difference }；100次中至少有95次，真实差异在{ $low }至{ $high }之间。
change-fewer = 比{ $before }少{ $difference }；100次中至少有95次，真实差异在{ $low }至{ $high }之间。
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = 把不予公布的部分考虑在内，100次中至少有95次，比{ $before }多{ $low }至{ $high }。
change-fewer-between = 把不予公布的部分考虑在内，100次中至少有95次，比{ $before }少{ $low }至{ $high }。
change-withheld = 无法与{ $before }比较：两期中有一期有数字不予公布。
change-broken = 无法与{ $before }比较：两期之间，匹配各项的方式有了改变。
change-missing = { $before }没有数字。
change-short-none = 没有明确变化
change-short-withheld = 不予公布
change-short-broken = 不可比
change-short-missing = 没有数字

## Overview

overview-lead-one = { $publisher }统计自己在保护儿童免遭性虐待的工作中检查和处理了什么，并公布统计数字。这里列出这些数字、它们的变化，以及它们不能说明什么。
overview-lead-many = { $count ->
    [1] 一个机构统计自己在保护儿童免遭性虐待的工作中检查和处理了什么，并公布统计数字。这里列出这些数字、它们的变化，以及它们不能说明什么。
   *[other] { NUMBER($count) }个机构统计各自在保护儿童免遭性虐待的工作中检查和处理了什么，并公布统计数字。这里列出这些数字、它们的变化，以及它们不能说明什么。
}
overview-span = { $count ->
    [1] 一次发布：{ $last }。
   *[other] { NUMBER($count) }次发布，从{ $first }到{ $last }。
}
why-published = 为什么公布
findings-title = 这些数字能支持的结论
findings-lead = 针对发布机构计划中排在首位的表，按固定规则从最近一期的所有比较中选出至多三条结论。其区间比别处更宽，使得100期中至少有95期所有结论同时成立。
finding-rise = { $what }——{ $group }：{ $to }所示数字之和为{ $after }，比{ $from }多{ $difference }。把不予公布的部分考虑在内，真实差异在多{ $low }到多{ $high }之间。
finding-fall = { $what }——{ $group }：{ $to }所示数字之和为{ $after }，比{ $from }少{ $difference }。把不予公布的部分考虑在内，真实差异在少{ $low }到少{ $high }之间。
# $change is change-more-between or change-fewer-between.
finding-between = { $what }——{ $group }，{ $to }：{ $change }
finding-share = { $what }——{ $group }：{ $to }所占比例最大，约为所示数字之和的{ $share }。把不予公布的部分考虑在内，占全部的真实比例在{ $low }至{ $high }之间。
finding-level = { $what }——{ $group }：{ $to }所示数字之和为{ $after }。把不予公布的部分考虑在内，真实数量在{ $low }至{ $high }之间。
finding-no-change = { $what }——{ $group }：没有明确变化。所示数字之和，{ $to }为{ $after }，{ $from }为{ $before }；考虑到加入的随机性和不予公布的部分，可能增多了，可能减少了，也可能一样多。
finding-nothing = 没有得到支持的结论。最近一期所示的数字太少，或无法与以前各期比较。
newest-title = 最新数字
newest-lead = 每个数字都是估计值：有意加入了少许随机性，使它几乎不取决于任何单个案例。
not-added = 几张表可能以不同方式显示同样的项、举报或网址，而且单位也不同。不同表的数字从不相加。
organisations-not-added = 同一项如果由几个机构统计，就会出现在每个机构的数字中。这里不把不同机构的数字相加。
read-first-title = 使用数字之前
read-first-more = 完整说明：如何解读这些数字

## A table over time

series-title = { $what }：{ $by }
series-what = 统计的是什么
series-unit = 单位
series-area = 国家或地区代表什么
series-trend = 随时间的变化
series-trend-caption = { $what }，所有组别合计，{ $first }至{ $last }
series-trend-one = { $what }，所有组别合计，{ $last }。目前只有一期；要画出折线需要两期。
series-trend-text = 折线是所示数字之和。折线周围的色带表示：把不予公布的部分考虑在内，100次中至少有95次，所有组的真实数量在这一区间内。
legend-line = 所示数字之和
legend-band = 100次中至少有95次，真实数量所在的区间
legend-gap = 没有可显示的数字，或没有公布任何数字：空缺不等于零
legend-break = 匹配各项的方式有了改变：请勿跨越此线比较
small-title = 各组随时间的变化
small-text = 每张小图都有自己的刻度，从零开始。色带是真实数量的区间；折线中断之处，数字不予公布。
small-never = 每一期都不予公布
small-table-caption = { $what }（{ $by }）：数字，以及下方的真实数量区间
latest-title = 最近一期：{ $period }
latest-caption = { $what }，{ $period }：所有显示的组
latest-text = 条形止于该数字；横过其末端的细线是真实数量的区间。
latest-withheld = { $count ->
   *[other] 另有{ NUMBER($count) }个组不予公布
}
latest-none-withheld = 没有不予公布的组。
compare-title = 与以前各期比较
compare-caption = { $now }与{ $before }、{ $year }的比较
compare-text = “没有明确变化”是指差异的95%区间包含零：这些数字不能表明是增多还是减少。在二十次这样的比较中，约有一次仅因偶然而显得明确；因此，结论所用的区间更宽。
col-group = 组
col-now = 本期
col-before = 上一期
col-year = 一年前
col-change = 变化
col-period = 时期
col-figure = 数字
col-low = 下限
col-high = 上限
col-withheld = 不予公布的组
col-note = 备注
note-break = 序列中断
withheld-why-title = 哪些数字不予公布，为什么
withheld-why = { $withheld ->
    [0] { $period }的{ NUMBER($cells) }个组中，没有数字不予公布。
   *[other] { $period }的{ NUMBER($cells) }个数字中，有{ NUMBER($withheld) }个不予公布，因为加入随机性之后低于{ $threshold }。
}
withheld-why-text = 这样小的数字可能会透露单个案例的情况。不要把不予公布的数字读作零：可能一个也没有，也可能有一些。
breaks-title = 序列中断
breaks-text = 匹配各项的方式有所改变，因此数字有了变动，而现实中并无变化。中断前后的数字不得相互比较。
break-list-within = { $period }：某一类清单（{ $class }）在期内有变动
break-list-before = { $period }：某一类清单（{ $class }）自上一期以来有变动
break-program-within = { $period }：程序或某项设置在期内有变动
break-program-before = { $period }：程序或某项设置自上一期以来有变动
table-of-chart = 本图的数据表
all-figures = 每一期的每个数字都在历次发布和数据中。

## Reading with a script on

reader-label = 沿折线读取数值
filter-label = 只显示包含以下文字的行

## Releases

releases-title = 所有发布
releases-lead = 每次发布包含一期的各张表，由发布机构签名。发布之后从不更改；更正就是一次新的发布，用来取代旧的发布。
releases-older = 早于最新一期两年以上的发布，其页面只有一种语言（{ $language }）。各表页面列有其历年数字。
col-publisher = 发布机构
col-published = 发布日期
col-release = 发布
release-of = { $period }的发布
release-lead = { $publisher }于{ $day }发布的{ $period }数字。
release-revision = 第{ $revision }版
release-supersedes = 取代
release-superseded = 后来的版本已取代这次发布。它的数字予以保留，但不用于任何趋势。
release-superseded-short = 已被取代
release-figures = 发布的数字
release-table-text = 100次中至少有95次，真实数量与所列数字相差不超过{ $half }。“{ $withheld }”表示加入随机性之后的数字低于{ $threshold }；真实数量可能是零，也可能是一个不大的数。
release-rounding = 数字舍入为{ $rounding }的倍数。
release-protection = 保护措施的具体数值
release-files = 发布的文件
release-file-table = 一张表的数字，供电子表格或程序使用
release-file-manifest = 统计了什么、如何保护（说明文件），供程序读取
release-file-signature = 发布机构对说明文件的签名
release-file-log = 这次发布在发布机构的发布日志中的位置
release-cite = 如何引用这次发布
release-notes = 发布机构的说明
release-lists = 用于比对的清单
release-list = { $class }，最近修订：{ $period }
exact-what = 项目
exact-epsilon = 这次发布的 epsilon
exact-epsilon-text = 限定这次发布的所有表合在一起最多能透露多少关于一项、一次举报或一个网址的信息。越小越严格。
exact-cap = 一期所允许的 epsilon
exact-cap-text = 即预算。账本拒绝超出预算。
exact-table-epsilon = 一张表的 epsilon
exact-sensitivity = 敏感度
exact-noise = 所加随机数的标准差
exact-half = 区间宽度的一半
exact-k = k
exact-beta = 小于 k 的数量被显示的概率
exact-threshold = 阈值
exact-rounding = 舍入
exact-caption = 每张表的保护措施
exact-k-text = 小于 k 的真实数量应当不予公布；其中某一个仍被显示的概率不超过所给的数值。
by-table = { $low }至{ $high }（因表而异）

## How to read this

method-title = 如何解读这些数字
method-lead = 一个数字说明什么，不说明什么，人们如何受到保护，以及您可以如何核查这一切。
reading-title = 数字旁边的用语
reading-about = “约”
reading-about-text = 每个数字都是估计值。有意加入了少许随机性，使它几乎不取决于任何单个案例。100次中至少有95次，真实数量在旁边所给的区间之内。
reading-withheld = “不予公布”
reading-withheld-text = 低于{ $threshold }的数字不予公布。真实数量可能是零，也可能更多。切勿把空白读作零。
reading-near = “接近阈值”
reading-near-text = 在略高于这一界线的地方，只有结果偏高的数字才会显示出来。这些数字带有标记：请当作很可能偏高来看待。
reading-no-change = “没有明确变化”
reading-no-change-text = 两个数字之间的差异也是不确定的。如果差异的95%区间包含零，我们就说没有明确变化：可能增多了，可能减少了，也可能一样多。
reading-sum = “所示数字之和”
reading-sum-text = 总和包括所显示的数字，并说明有多少个组未包括在内。其区间已考虑到这些组可能有的数量。跨越数月的总和，对同一项在每个月各计一次。
reading-item = “项”“举报”“网址”
reading-item-text = 三种单位，从不相加。一项就是一件内容，在一期内无论遇到多少次都只计一次。举报是有人提交的材料；一次举报可涉及多项，也可不涉及任何项。

caveats-title = 这些数字不能说明什么
caveat-prevalence = 数量不等于普遍程度。
caveat-prevalence-text = 这些数字会随检查的多少、举报义务、平台和工具而变动。它们不衡量虐待有多少。
caveat-children = 它们不是儿童的人数，也不是犯罪者的人数。
caveat-children-text = 同一名儿童可能出现在多项内容中；同一项内容可能被许多人传播，也可能没有人传播。
caveat-units = 不同的单位不相加。
caveat-units-text = 举报、网址和项是不同的东西，而且几张表可能以不同方式显示同样的内容。
caveat-country = 不说明角色，国家就没有意义。
caveat-country-text = 它是某些内容被存储、上传、举报或判定的地方；页面会说明是哪一种。它并不说明该国民众的任何情况。
caveat-match = 匹配只表明清单知道什么。
caveat-match-text = 只有以前已有人发现、判定并列入清单的内容才可能匹配。没有匹配不表明任何情况。
caveat-lists = 清单变长，数字就会变动。
caveat-lists-text = 匹配增多可能意味着清单变长了，而现实中并无变化。
caveat-noise = 微小的差异没有意义。
caveat-noise-text = 在所给区间之内的差异可能出于偶然。不应从低于50的数字中解读任何趋势。
caveat-blank = 空白不等于零。
caveat-blank-text = 它只说明数字太小，不宜公布。
caveat-categories = 类别出自作出判定的人。
caveat-categories-text = 严重程度、年龄和伤害种类均按来源的记录。在不同分类体系之间转换会丢失细节。
caveat-near = 相近不等于认定。
caveat-near-text = 计算机指出相似之处，由人来决定。相近的项绝不计为相同。
caveat-break = 方法改变之处，序列就会中断。
caveat-break-text = 新的比对方式或不同的界限会使数字变动。中断之处有标记，且不跨越中断作任何比较。

protection-title = 人们如何受到保护
protection-counts = 离开机构的只有数字。
protection-counts-text = 这些页面由各期的统计数字制成。没有任何图片、文件名、哈希值或更精确的日期为此离开机构。
protection-noise = 加入随机性：噪声。
protection-noise-text = 对每个计数，包括零，都在外界任何人能看到之前加上或减去了一个随机整数；100次中至少有95次，这个整数不超过{ $half }。因此，一个数字几乎不取决于某一特定的项是否在内。
protection-threshold = 小的数字不予公布：阈值。
protection-threshold-text = 加入噪声之后低于{ $threshold }的数字不予公布。小于{ $k }的真实数量被显示的概率至多为{ $beta }。
one-in = { NUMBER($count) }分之一
protection-budget = 公布有限额：预算。
protection-budget-text = 每次发布都会用去相关月份所允许的一部分；用完之后，就不再公布有关这些月份的任何内容。最近一次发布使用的 epsilon 为{ $epsilon }，上限为{ $cap }。同一张表绝不会第二次抽取随机数，因为多次抽取的平均值会透露真实数量。
protection-plan = 表格是事先选定的。
protection-plan-text = 要统计什么，已于{ $day }登记，适用于{ $period }及以后，登记时还没有任何可统计的内容。没有人是看着数字来挑选表格的。

risk-title = 仍然存在的风险
risk-text = 这些数字在公布时，对每一项都带有已说明的、有上限的风险；这一风险不是零。假设某人只剩下两种可能性相等的猜测：某一特定的项被计入了，或者没有被计入。凭借最近一次发布中公布的全部内容，再加上任何其他使这两种猜测仍然可能性相等的信息，此人在100次中至多猜对{ $percent }次，而不是50次。
risk-people = 这一承诺针对的是一项、一次举报或一个网址，而不是一个人。出现在许多项中的人受到的保护较少；由几个机构统计的项，或在几期中被计入的项，也是如此：风险会累加。

hash-title = 什么是哈希值
hash-text = 哈希值是文件的指纹：由计算机根据文件算出的一个简短的数；它不是图片本身。举报热线和其他机构共享文件指纹的清单，这些文件已由受过培训的人员作出判定，例如儿童性虐待材料。这样，计算机就能说“这个是已知的”或“这个与某个已知的非常相似”，而无需任何人为了得知这一点再看一次图片。

check-title = 自行核查
check-lead = 签名表明这些文件出自发布机构，且此后未被改动。您需要发布机构的公钥 innerward.pub；请通过这些页面以外的途径向发布机构获取。
check-innerward = 使用 innerward，一次完成全部核查；FOLDER 是一个文件夹，其中只有一次发布的文件，没有其他文件：
check-minisign = 或者不用它，而用常见的工具 minisign，在该文件夹中运行：
check-table = 经签名的说明文件（manifest）列出每张表的 BLAKE3 校验和；b3sum 必须得出：
check-site = 可以根据历次发布重新生成这些页面，逐字节相同：
witness-title = 账本的见证人
witness-none = 没有。没有任何外部人员确认过发布机构的账本未被回退。

## Data

data-title = 使用数据
data-lead = 这些页面上的全部内容，以文件形式提供，电子表格、统计程序和数据目录可直接载入。所有文件的内容一致。
data-downloads = 下载
col-file = 文件
col-use = 用途
form-csv = 简单表格，每个序列一张：先是标题行，再是一行 HXL 标签
form-observations = 所有观测值合在一张规整的表（tidy）中：各数据包所描述的就是这个文件
form-columns = 每一列：名称、定义、类型、单位、HXL 标签
form-codes = 代码表，附各种语言的名称
form-frictionless = Frictionless Data Package，供多种数据工具使用
form-cdm = Microsoft Common Data Model 文件夹，供商务工具和数据库工具使用
form-sdmx = SDMX-CSV 2.0 及其结构，供统计机构使用
form-croissant = Croissant，供数据集搜索和机器学习使用
form-agreement = 共享数据所依据的承诺
form-citation = 引用方式，供文献管理软件使用
form-readme = 文件夹中有什么
form-licence = 数据许可协议
form-crosswalk = 我们的代码与其他分类体系的代码如何对应，以及每种转换会丢失什么
form-json-schema = JSON Schema，供接收数据时进行检查的程序使用
form-skos = 词汇表的关联数据形式（SKOS）
form-releases = 经签名的历次发布，与公布时逐字节相同
data-columns = 各列
data-columns-text = 一行是一个数字。表中未使用的列填 _T，即“合计”。
col-name = 名称
col-meaning = 含义
data-status = 数字如何标记
data-status-e = 估计值：已加入噪声
data-status-u = 接近阈值的估计值，很可能偏高
data-status-q = 不予公布：值为空，不要读作零
data-joins = 与其他数据合并
data-joins-text = 国家和地区的代码采用 ISO 3166-1 和联合国 M49 标准。对照表把我们的代码与各部委、举报热线和平台的代码对应起来。合并之前，请看清单位，以及国家代表什么。
data-cite = 如何引用
data-licence = 数据许可协议
licence-cc-by-4-0 = 只要说明数据的出处，您就可以复制、分享这些数据，并在其基础上加以利用
licence-cc0-1-0 = 您可以使用这些数据，无需征求同意，也没有任何条件
data-contact = 如有疑问
no-contact = 发布机构没有提供联系方式。
bd4d-title = 共享数据所依据的承诺
bd4d-lead = 这是一份参照 Better Deal for Data 七项承诺、用我们自己的话写成的核对表。由发布机构自行声明，未经任何人认证。
bd4d-1 = 目的：数据服务于人，而不是为了私利。目的写在每份经签名的说明文件中。
bd4d-2 = 所有权：属于他人的仍归他人。清单留在其所有者手中，清单的名称绝不公布。
bd4d-3 = 控制：错误会得到更正。更正就是一次新的发布，用来取代旧的发布。
bd4d-4 = 不出售：数据免费，依据上述许可协议。
bd4d-5 = 保护：离开机构的内容尽可能少，并采用噪声、阈值和预算。
bd4d-6 = 研究：方法和账本公开，任何人都可以核查和使用结果。
bd4d-7 = 约束力：承诺随数据一起传递，采用程序可读的形式。

## Glossary

glossary-title = 术语表
glossary-lead = 这些页面上的用语、本领域的术语，以及数据中的代码。
glossary-words = 这里的用语
word-budget = 预算
word-budget-text = 一期在所有发布中总共允许的量，以 epsilon 计量。
word-epsilon = Epsilon
word-epsilon-text = 衡量一次发布给某一项增加多少风险的尺度。越小越严格。
word-hash = 哈希值
word-hash-text = 文件的指纹：根据文件算出的一个简短的数。
word-item = 项
word-item-text = 一件内容，例如一张图片。一期内只计一次。
word-ledger = 账本
word-ledger-text = 发布机构的簿册，记录每一期公布了什么，以及用去了多少预算。
word-list = 清单
word-list-text = 一组文件的哈希值，这些文件已由人作出判定，由保护儿童的机构相互共享。
word-look-alike = 相近的项
word-look-alike-text = 图片与清单上的某张图片非常相似的项，例如较小的副本。由人来决定。
word-noise = 噪声
word-noise-text = 在公布之前给计数加上或从中减去的一个随机整数。
word-range = 区间
word-range-text = 两个数，100次中至少有95次，真实数量在这两个数之间。
word-release = 发布
word-release-text = 一期的各张表，经过保护、签名并公布。
word-threshold = 阈值
word-threshold-text = 一条界线，含噪声的数字低于它就不予公布。
word-withheld = 不予公布
word-withheld-text = 因为太小而没有公布。不要读作零。
terms-title = 本领域的术语
terms-lead = 这些是首选术语，依据《防止儿童受性剥削和性虐待的术语准则》。归咎于儿童的词语，或用其他说法称呼虐待的词语，这里不使用。
usage-selfgen = 须慎用：这绝不意味着同意或过错。
codes-title = 数据中的代码
codes-lead = 历次发布中出现的所有维度和代码。“{ $total }”代表全部合计。
col-code = 代码
col-label = 名称

## In brief

brief-title = 简报：{ $period }
brief-lead = 两页，可打印、转交他人，或从浏览器另存为 PDF。
brief-figures = 数字
brief-figures-caption = 每张表的最近一期，与上一期比较
brief-caveats = 引用数字时请一并说明
brief-protected = 数字如何受到保护
brief-protected-text = 公布之前，每个计数都加入了随机性，低于阈值的数字不予公布。单个项的风险已说明且有上限；它不是零。一切内容均由发布机构签名，可以核查。
brief-source = 来源
brief-text = 一段话的版本，可用于信息或邮件
brief-brackets = 括号内：把不予公布的部分考虑在内，100次中至少有95次，真实数量所在的区间。
brief-more = { $count ->
   *[other] 另有{ NUMBER($count) }张表未在此显示。
}

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
