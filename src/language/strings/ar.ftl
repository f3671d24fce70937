### status: machine

language-tag = ar
language-name = العربية
language-direction = rtl

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = ,
number-decimal = .
number-grouped-from = 4
number-minus = { "\u200E" }-
number-percent = { $number }{ "\u200E" }%{ "\u200E" }
number-range = { $low }–{ $high }
date-day = { $day } { $month } { $year }
date-month = { $month } { $year }
date-quarter = { $first } – { $last } { $year }
date-span = { $first } – { $last }
month-1 = يناير
month-2 = فبراير
month-3 = مارس
month-4 = أبريل
month-5 = مايو
month-6 = يونيو
month-7 = يوليو
month-8 = أغسطس
month-9 = سبتمبر
month-10 = أكتوبر
month-11 = نوفمبر
month-12 = ديسمبر
month-in-date-1 = يناير
month-in-date-2 = فبراير
month-in-date-3 = مارس
month-in-date-4 = أبريل
month-in-date-5 = مايو
month-in-date-6 = يونيو
month-in-date-7 = يوليو
month-in-date-8 = أغسطس
month-in-date-9 = سبتمبر
month-in-date-10 = أكتوبر
month-in-date-11 = نوفمبر
month-in-date-12 = ديسمبر

## The frame of every page

site-one = أرقام { $publisher }
site-many = أرقام عدة منظمات
page-title = { $page } – { $site }
list-separator = { "، " }
colon = { ": " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = الانتقال إلى المحتوى
nav-pages = الصفحات
nav-overview = نظرة عامة
nav-releases = الإصدارات
nav-method = كيف تُقرأ هذه الأرقام
nav-data = البيانات
nav-glossary = المسرد
nav-brief = باختصار
languages = اللغات
on-this-page = في هذه الصفحة
demo-sign = عرض تجريبي
demo-text = بيانات مختلقة عن صور مولَّدة غير ضارة؛ هذه الأرقام لا تصف شيئًا.
unreviewed-machine = نصوص هذه الصفحة مترجمة آليًا، ولم يدققها أي متحدث باللغة. وقد تكون فيها أخطاء. الصفحة الإنجليزية هي الأصل.
unreviewed-draft = كُتبت نصوص هذه الصفحة لهذا المشروع، ولم يدقق صياغتها أحد آخر بعد.
unreviewed-some = النصوص التي تحمل العلامة { $mark } لم يدققها أي متحدث باللغة، وقد تكون فيها أخطاء.
review-lacking = عدد نصوص هذه الصفحة المعروضة بالإنجليزية لعدم توفرها بهذه اللغة: { NUMBER($count) }.
english-words = بالإنجليزية، حرفيًا من ملف البيان الموقَّع:
footer-made = أُنشئت هذه الصفحات ببرنامج { $program } من إصدارات موقَّعة وحدها: أعداد خضعت للحماية قبل أن تغادر المنظمة.
footer-nothing = لا تحمّل هذه الصفحات شيئًا من أي مكان آخر، ولا تضع ملفات تعريف ارتباط، ولا تراقب أحدًا.

## The page on which a language is chosen

start-what = أرقام منشورة عما يُعثر عليه ويُعالَج في مجال حماية الأطفال من الاعتداء الجنسي: ما الذي أُحصي، وكيف تغيّر، وما الذي لا تقوله الأرقام.
start-latest = أحدث فترة: { $period }

## Counts, ranges and sums

count-items = { $count ->
    [zero] { NUMBER($count) } عنصر
    [one] عنصر واحد
    [two] عنصران
    [few] { NUMBER($count) } عناصر
    [many] { NUMBER($count) } عنصرًا
   *[other] { NUMBER($count) } عنصر
}
count-reports = { $count ->
    [zero] { NUMBER($count) } بلاغ
    [one] بلاغ واحد
    [two] بلاغان
    [few] { NUMBER($count) } بلاغات
    [many] { NUMBER($count) } بلاغًا
   *[other] { NUMBER($count) } بلاغ
}
count-urls = { $count ->
    [zero] { NUMBER($count) } عنوان ويب
    [one] عنوان ويب واحد
    [two] عنوانا ويب
    [few] { NUMBER($count) } عناوين ويب
    [many] { NUMBER($count) } عنوان ويب
   *[other] { NUMBER($count) } عنوان ويب
}
withheld = محجوب
near-threshold-title = أعلى بقليل من المستوى الذي تُحجب الأرقام دونه؛ وتميل هذه الأرقام إلى أن تكون أعلى من الحقيقة.
near-mark-note = { $mark } أعلى بقليل من المستوى الذي تُحجب الأرقام دونه؛ وتميل هذه الأرقام إلى أن تكون أعلى من الحقيقة.
all-groups = كل المجموعات معًا
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }، البقية
rest-note = «البقية»: لا يعدّ الصف إلا ما ليس له صف خاص به في الجدول، ولا يعدّ كل ما يدل عليه اسمه.
sum-shown = مجموع الأرقام المعروضة
sum-sentence = في { $period }: { $count } تقريبًا. ومع احتساب ما حُجب، يقع العدد الحقيقي بين { $low } و{ $high } في 95 حالة على الأقل من كل 100 حالة.
# The same where something is withheld.
sum-between = في { $period }: بين { $low } و{ $high } في 95 حالة على الأقل من كل 100 حالة؛ ومجموع الأرقام المعروضة { $count }.
sum-leaves-out = { $withheld ->
    [zero] يشمل هذا الرقم كل مجموعات الجدول، وعددها { NUMBER($cells) }.
    [one] لا يشمل هذا الرقم مجموعة واحدة محجوبة من أصل { NUMBER($cells) } في الجدول.
    [two] لا يشمل هذا الرقم مجموعتين محجوبتين من أصل { NUMBER($cells) } في الجدول.
    [few] لا يشمل هذا الرقم { NUMBER($withheld) } مجموعات محجوبة من أصل { NUMBER($cells) } في الجدول.
    [many] لا يشمل هذا الرقم { NUMBER($withheld) } مجموعة محجوبة من أصل { NUMBER($cells) } في الجدول.
   *[other] لا يشمل هذا الرقم { NUMBER($withheld) } مجموعة محجوبة من أصل { NUMBER($cells) } في الجدول.
}
sum-near = { $near ->
    [zero] لا يقع أي من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
    [one] يقع رقم واحد من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
    [two] يقع رقمان من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
    [few] يقع { NUMBER($near) } من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
    [many] يقع { NUMBER($near) } من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
   *[other] يقع { NUMBER($near) } من الأرقام الداخلة فيه فوق العتبة بقليل، حيث تميل الأرقام إلى أن تكون أعلى من الحقيقة.
}
nothing-shown = لم يمكن نشر أي رقم عن { $period }. كان كل رقم صغيرًا إلى حد قد يكشف معه شيئًا عن حالة بعينها، فحُجبت كلها. ولا يُقرأ هذا على أنه صفر: فقد لا يكون وراءه شيء وقد يكون وراءه بعض الحالات، ولا تستطيع هذه الصفحات أن تبيّن أي الأمرين هو الصحيح.
not-children = هذه عناصر من المحتوى أو بلاغات أو عناوين ويب. وهي ليست أطفالًا، ولا أشخاصًا فعلوا شيئًا، ولا مقياسًا لمقدار ما يقع من اعتداء.

## Changes

change-none = لا تغيّر واضح منذ { $before }: مع احتساب العشوائية المضافة وما حُجب، ربما زاد العدد أو نقص أو بقي كما هو.
change-more = زيادة قدرها { $difference } عن { $before }؛ ويقع الفرق الحقيقي بين { $low } و{ $high } في 95 حالة على الأقل من كل 100 حالة.
change-fewer = نقصان قدره { $difference } عن { $before }؛ ويقع الفرق الحقيقي بين { $low } و{ $high } في 95 حالة على الأقل من كل 100 حالة.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = مع احتساب ما حُجب، زيادة تقع بين { $low } و{ $high } عن { $before }، في 95 حالة على الأقل من كل 100 حالة.
change-fewer-between = مع احتساب ما حُجب، نقصان يقع بين { $low } و{ $high } عن { $before }، في 95 حالة على الأقل من كل 100 حالة.
change-withheld = لا تمكن المقارنة مع { $before }: في إحدى الفترتين شيء محجوب.
change-broken = لا تمكن المقارنة مع { $before }: تغيّرت بينهما طريقة مطابقة العناصر.
change-missing = لا توجد أرقام عن { $before }.
change-short-none = لا تغيّر واضح
change-short-withheld = محجوب
change-short-broken = غير قابل للمقارنة
change-short-missing = لا أرقام

## Overview

overview-lead-one = تُحصي المنظمة الناشرة ({ $publisher }) ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر هذه الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
overview-lead-many = { $count ->
    [zero] تُحصي { NUMBER($count) } منظمة ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
    [one] تُحصي منظمة واحدة ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
    [two] تُحصي منظمتان ما تفحصانه وتعالجانه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشران الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
    [few] تُحصي { NUMBER($count) } منظمات ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
    [many] تُحصي { NUMBER($count) } منظمة ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
   *[other] تُحصي { NUMBER($count) } منظمة ما تفحصه وتعالجه في مجال حماية الأطفال من الاعتداء الجنسي، وتنشر الأعداد. هنا الأرقام، وكيف تغيّرت، وما لا تقوله.
}
overview-span = { $count ->
    [zero] { NUMBER($count) } إصدار، من { $first } إلى { $last }.
    [one] إصدار واحد: { $last }.
    [two] إصداران، من { $first } إلى { $last }.
    [few] { NUMBER($count) } إصدارات، من { $first } إلى { $last }.
    [many] { NUMBER($count) } إصدارًا، من { $first } إلى { $last }.
   *[other] { NUMBER($count) } إصدار، من { $first } إلى { $last }.
}
why-published = لماذا تُنشر هذه الأرقام
findings-title = ما تؤيده الأرقام
findings-lead = ثلاثة استنتاجات على الأكثر عن الجدول الأول في خطة المنظمة الناشرة، اختيرت بقاعدة ثابتة من بين كل مقارنات أحدث فترة. والمدى المذكور مع كل منها أوسع مما في المواضع الأخرى، حتى تصح كلها معًا في 95 فترة على الأقل من كل 100 فترة.
finding-rise = { $what } – { $group }: مجموع الأرقام المعروضة { $after } في { $to }، بزيادة قدرها { $difference } عن { $from }. ومع احتساب ما حُجب، تقع الزيادة الحقيقية بين { $low } و{ $high }.
finding-fall = { $what } – { $group }: مجموع الأرقام المعروضة { $after } في { $to }، بنقصان قدره { $difference } عن { $from }. ومع احتساب ما حُجب، يقع النقصان الحقيقي بين { $low } و{ $high }.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }، { $to }: { $change }
finding-share = { $what } – { $group }: الجزء الأكبر في { $to }، نحو { $share } من مجموع الأرقام المعروضة. أما النسبة الحقيقية من المجموع الكلي، مع احتساب ما حُجب، فتقع بين { $low } و{ $high }.
finding-level = { $what } – { $group }: مجموع الأرقام المعروضة { $after } في { $to }. ومع احتساب ما حُجب، يقع العدد الحقيقي بين { $low } و{ $high }.
finding-no-change = { $what } – { $group }: لا تغيّر واضح. مجموع الأرقام المعروضة { $after } في { $to } مقابل { $before } في { $from }؛ ومع احتساب العشوائية المضافة وما حُجب، ربما زاد العدد أو نقص أو بقي كما هو.
finding-nothing = لا تؤيد الأرقام أي استنتاج. فالمعروض من أحدث فترة قليل جدًا، أو لا تمكن مقارنته بفترات سابقة.
newest-title = أحدث الأرقام
newest-lead = كل رقم تقدير: أُضيف إليه عمدًا قدر قليل من العشوائية، حتى لا يكاد يتوقف على أي حالة بعينها.
not-added = قد تعرض عدة جداول العناصر أو البلاغات أو العناوين نفسها بطرق مختلفة، كما تختلف الوحدات. ولا تُجمع أرقام جداول مختلفة أبدًا.
organisations-not-added = العنصر الواحد الذي تحصيه عدة منظمات يدخل في أرقام كل منها. ولا تُجمع هنا أرقام منظمات مختلفة.
read-first-title = قبل استخدام أي رقم
read-first-more = الشرح كاملًا: كيف تُقرأ هذه الأرقام

## A table over time

series-title = { $what }: { $by }
series-what = ما الذي يُحصى
series-unit = الوحدة
series-area = ما يمثله البلد أو المنطقة
series-trend = عبر الزمن
series-trend-caption = { $what }، كل المجموعات معًا، من { $first } إلى { $last }
series-trend-one = { $what }، كل المجموعات معًا، { $last }. لا توجد حتى الآن إلا فترة واحدة، والخط يحتاج إلى فترتين.
series-trend-text = الخط هو مجموع الأرقام المعروضة. ويبيّن الشريط حوله أين يقع العدد الحقيقي لكل المجموعات، مع احتساب ما حُجب، في 95 حالة على الأقل من كل 100 حالة.
legend-line = مجموع الأرقام المعروضة
legend-band = حيث يقع العدد الحقيقي في 95 حالة على الأقل من كل 100 حالة
legend-gap = لم يمكن عرض شيء، أو لم يُنشر شيء: الفجوة ليست صفرًا
legend-break = تغيّرت طريقة مطابقة العناصر: لا تجوز المقارنة عبر هذا الخط
small-title = كل مجموعة عبر الزمن
small-text = لكل رسم صغير مقياس خاص به يبدأ من الصفر. والشريط هو مدى العدد الحقيقي؛ وحيث ينقطع الخط يكون الرقم محجوبًا.
small-never = محجوب في كل الفترات
small-table-caption = { $what } بحسب { $by }: الرقم، وتحته مدى العدد الحقيقي
latest-title = أحدث فترة: { $period }
latest-caption = { $what }، { $period }: كل المجموعات المعروضة
latest-text = ينتهي العمود عند الرقم؛ والخط الرفيع عند طرفه هو مدى العدد الحقيقي.
latest-withheld = { $count ->
    [zero] لا مجموعة أخرى محجوبة
    [one] مجموعة أخرى واحدة محجوبة
    [two] مجموعتان أخريان محجوبتان
    [few] { NUMBER($count) } مجموعات أخرى محجوبة
    [many] { NUMBER($count) } مجموعة أخرى محجوبة
   *[other] { NUMBER($count) } مجموعة أخرى محجوبة
}
latest-none-withheld = لا مجموعة محجوبة.
compare-title = مقارنة بفترات سابقة
compare-caption = { $now } مقارنةً مع { $before } ومع { $year }
compare-text = «لا تغيّر واضح» تعني أن مدى الفرق (95%) يشمل الصفر: لا تبيّن الأرقام ما إذا كان العدد قد زاد أم نقص. ومن كل عشرين مقارنة من هذا النوع تبدو واحدة تقريبًا واضحة بالمصادفة وحدها؛ ولهذا السبب فإن المدى المذكور مع كل استنتاج أوسع.
col-group = المجموعة
col-now = الآن
col-before = الفترة السابقة
col-year = قبل سنة
col-change = التغيّر
col-period = الفترة
col-figure = الرقم
col-low = من
col-high = إلى
col-withheld = المجموعات المحجوبة
col-note = ملاحظة
note-break = انقطاع في السلسلة
withheld-why-title = ما الذي حُجب، ولماذا
withheld-why = { $withheld ->
    [0] في { $period } لم يُحجب أي رقم من أرقام المجموعات، وعددها { NUMBER($cells) }.
    [zero] في { $period } لم يُحجب أي رقم من أرقام المجموعات، وعددها { NUMBER($cells) }.
    [one] في { $period } حُجب رقم واحد من أصل { NUMBER($cells) }، لأنه كان أقل من { $threshold } بعد إضافة العشوائية.
    [two] في { $period } حُجب رقمان من أصل { NUMBER($cells) }، لأنهما كانا أقل من { $threshold } بعد إضافة العشوائية.
    [few] في { $period } حُجبت { NUMBER($withheld) } أرقام من أصل { NUMBER($cells) }، لأنها كانت أقل من { $threshold } بعد إضافة العشوائية.
    [many] في { $period } حُجب { NUMBER($withheld) } رقمًا من أصل { NUMBER($cells) }، لأنها كانت أقل من { $threshold } بعد إضافة العشوائية.
   *[other] في { $period } حُجب { NUMBER($withheld) } رقم من أصل { NUMBER($cells) }، لأنها كانت أقل من { $threshold } بعد إضافة العشوائية.
}
withheld-why-text = رقم بهذا الصغر قد يكشف شيئًا عن حالة بعينها. ولا يُقرأ الرقم المحجوب على أنه صفر: فقد لا يكون وراءه شيء وقد يكون وراءه بعض الحالات.
breaks-title = انقطاعات في السلسلة
breaks-text = تغيّر شيء في طريقة مطابقة العناصر، فتحركت الأعداد من دون أي تغيّر في الواقع. ولا تجوز مقارنة الأرقام التي قبل الانقطاع بالتي بعده.
break-list-within = { $period }: تغيّرت خلال الفترة قوائم من صنف واحد ({ $class })
break-list-before = { $period }: تغيّرت منذ الفترة السابقة قوائم من صنف واحد ({ $class })
break-program-within = { $period }: تغيّر البرنامج أو أحد إعداداته خلال الفترة
break-program-before = { $period }: تغيّر البرنامج أو أحد إعداداته منذ الفترة السابقة
table-of-chart = جدول هذا الرسم
all-figures = كل أرقام كل الفترات موجودة في الإصدارات وفي البيانات.

## Reading with a script on

reader-label = قراءة القيم على طول الخط
filter-label = إظهار الصفوف التي تحتوي على

## Releases

releases-title = كل الإصدارات
releases-lead = يضم كل إصدار جداول فترة واحدة، موقَّعةً من المنظمة الناشرة. وهو لا يتغيّر أبدًا؛ فالتصحيح إصدار جديد يحل محل القديم.
releases-older = صفحات الإصدارات التي تسبق أحدث إصدار بأكثر من عامين متاحة بلغة واحدة فقط ({ $language }). أما أرقامها عبر الزمن فترد في صفحات الجداول.
col-publisher = المنظمة الناشرة
col-published = تاريخ النشر
col-release = الإصدار
release-of = إصدار { $period }
release-lead = ما نشرته المنظمة الناشرة ({ $publisher }) في { $day } عن { $period }.
release-revision = التنقيح { $revision }
release-supersedes = يحل محل
release-superseded = حل محل هذا الإصدار تنقيح لاحق. وأرقامه محفوظة، ولا تدخل في أي اتجاه.
release-superseded-short = مستبدَل
release-figures = أرقام الإصدار
release-table-text = لا يبعد العدد الحقيقي عن الرقم أكثر من { $half } في 95 حالة على الأقل من كل 100 حالة. و«{ $withheld }» تعني أن الرقم كان أقل من { $threshold } بعد إضافة العشوائية؛ وقد يكون العدد الحقيقي صفرًا أو عددًا صغيرًا.
release-rounding = الأرقام مقرَّبة إلى مضاعفات { $rounding }.
release-protection = حماية الإصدار بالأرقام
release-files = ملفات الإصدار
release-file-table = أرقام جدول، لبرنامج جداول أو لأي برنامج
release-file-manifest = ما الذي أُحصي وكيف خضع للحماية، لبرنامج
release-file-signature = توقيع المنظمة الناشرة على ملف البيان
release-file-log = موضع الإصدار في سجل المنظمة الناشرة لكل الإصدارات
release-cite = كيف يُستشهد بهذا الإصدار
release-notes = ملاحظات المنظمة الناشرة
release-lists = القوائم التي جرت المقارنة بها
release-list = { $class }، أحدث تنقيح: { $period }
exact-what = البند
exact-epsilon = إبسيلون هذا الإصدار
exact-epsilon-text = حد ما يمكن أن تكشفه كل جداوله معًا عن عنصر أو بلاغ أو عنوان واحد. وكلما صغر كان أشد صرامة.
exact-cap = إبسيلون المسموح به للفترة
exact-cap-text = الميزانية. ويرفض الدفتر تجاوزها.
exact-table-epsilon = إبسيلون الجدول
exact-sensitivity = الحساسية
exact-noise = الانحراف المعياري للضوضاء
exact-half = نصف المدى
exact-k = k
exact-beta = احتمال أن يُعرض عدد أقل من k
exact-threshold = العتبة
exact-rounding = التقريب
exact-caption = حماية كل جدول
exact-k-text = ينبغي أن تبقى الأعداد الحقيقية التي تقل عن k محجوبة؛ واحتمال أن يُعرض أحدها مع ذلك لا يتجاوز الاحتمال المذكور.
by-table = { $low }–{ $high } (بحسب الجدول)

## How to read this

method-title = كيف تُقرأ هذه الأرقام
method-lead = ماذا يقول الرقم، وماذا لا يقول، وكيف يُحمى الناس، وكيف يمكنك التحقق من ذلك كله.
reading-title = الكلمات إلى جانب الرقم
reading-about = «تقريبًا»
reading-about-text = كل رقم تقدير. فقد أُضيف إليه عمدًا قدر قليل من العشوائية، حتى لا يكاد يتوقف على أي حالة بعينها. ويقع العدد الحقيقي داخل المدى المذكور إلى جانبه في 95 حالة على الأقل من كل 100 حالة.
reading-withheld = «محجوب»
reading-withheld-text = لا تُنشر الأرقام التي تقل عن { $threshold }. وقد يكون العدد الحقيقي صفرًا وقد يكون أكثر. ولا تُقرأ الخانة الفارغة أبدًا على أنها صفر.
reading-near = «قريب من العتبة»
reading-near-text = فوق ذلك المستوى بقليل لا تظهر أصلًا إلا الأرقام التي جاءت مرتفعة. وهي معلَّمة، وينبغي اعتبارها أعلى من الحقيقة على الأرجح.
reading-no-change = «لا تغيّر واضح»
reading-no-change-text = الفرق بين رقمين غير مؤكد أيضًا. فإذا كان مداه (95%) يشمل الصفر، قلنا إنه لا تغيّر واضح: ربما زاد العدد أو نقص أو بقي كما هو.
reading-sum = «مجموع الأرقام المعروضة»
reading-sum-text = يشمل المجموع ما هو معروض، ويذكر عدد المجموعات التي لا يشملها. ومداه يراعي ما قد تحويه تلك المجموعات. والمجموع على عدة أشهر يحصي العنصر مرة عن كل شهر.
reading-item = «عنصر»، «بلاغ»، «عنوان ويب»
reading-item-text = ثلاث وحدات لا تُجمع معًا أبدًا. العنصر وحدة محتوى واحدة، تُحصى مرة واحدة في الفترة مهما تكررت مصادفتها. والبلاغ ما أرسله شخص ما؛ وقد يتعلق بعناصر كثيرة أو لا يتعلق بأي منها.

caveats-title = ما لا تقوله هذه الأرقام
caveat-prevalence = الحجم ليس معدل انتشار.
caveat-prevalence-text = تتحرك الأرقام مع مقدار ما يُفحص، ومع واجبات الإبلاغ، ومع المنصات والأدوات. وهي لا تقيس مقدار ما يقع من اعتداء.
caveat-children = ليست هذه أعداد أطفال ولا أعداد جناة.
caveat-children-text = قد يظهر طفل واحد في عناصر كثيرة، وقد يتناقل أشخاص كثيرون عنصرًا واحدًا، وقد لا يتناقله أحد.
caveat-units = لا تُجمع وحدات مختلفة.
caveat-units-text = البلاغ وعنوان الويب والعنصر أشياء مختلفة، وقد تعرض عدة جداول الأشياء نفسها بطرق مختلفة.
caveat-country = لا معنى للبلد من دون دوره.
caveat-country-text = هو البلد الذي خُزّن فيه شيء ما، أو رُفع منه، أو أُبلغ منه عنه، أو حُكم عليه بموجب قانونه؛ وتبيّن الصفحة أيها المقصود. وهو لا يقول شيئًا عن أهل البلد.
caveat-match = التطابق يبيّن ما تعرفه القائمة.
caveat-match-text = لا يتطابق إلا ما سبق أن وجده شخص وحكم عليه وأدرجه في قائمة. وعدم التطابق لا يبيّن شيئًا.
caveat-lists = القائمة التي تكبر تحرّك الأعداد.
caveat-lists-text = قد تعني زيادة التطابقات أن القائمة صارت أطول، من دون أي تغيّر في الواقع.
caveat-noise = الفروق الصغيرة لا تعني شيئًا.
caveat-noise-text = الفروق التي تقع داخل المدى المذكور قد تكون مصادفة. ولا ينبغي استخلاص اتجاه من أرقام تقل عن 50.
caveat-blank = الخانة الفارغة ليست صفرًا.
caveat-blank-text = لا تقول إلا أن الرقم كان أصغر من أن يُنشر.
caveat-categories = الفئات يحددها من أصدروا الحكم.
caveat-categories-text = الشدة والعمر ونوع الأذى مذكورة كما سجلها المصدر. والنقل من تصنيف إلى آخر يُفقد بعض التفاصيل.
caveat-near = الشبه وحده لا يحسم شيئًا.
caveat-near-text = الحواسيب تشير إلى الشبه، والقرار لشخص. ولا يُحصى العنصر الشبيه أبدًا على أنه مطابق تمامًا.
caveat-break = حيث تغيّرت الطريقة تنقطع السلسلة.
caveat-break-text = الأنواع الجديدة من المقارنة والحدود المختلفة تحرّك الأعداد. والانقطاعات معلَّمة، ولا يُقارن شيء عبرها.

protection-title = كيف يُحمى الناس
protection-counts = لا يخرج إلا الأعداد.
protection-counts-text = أُنشئت هذه الصفحات من أعداد بحسب الفترة. ولم تغادر المنظمةَ من أجلها أي صورة ولا أي اسم ملف ولا أي بصمة ولا أي تاريخ أدق من ذلك.
protection-noise = تُضاف العشوائية: الضوضاء.
protection-noise-text = أُضيف إلى كل عدد، بما في ذلك الأصفار، عدد صحيح عشوائي أو طُرح منه قبل أن يتمكن أي أحد خارج المنظمة من رؤيته؛ وهذا العدد العشوائي لا يزيد على { $half } في 95 حالة على الأقل من كل 100 حالة. ولذلك لا يكاد الرقم يتوقف على وجود عنصر بعينه أو عدم وجوده.
protection-threshold = تُحجب الأرقام الصغيرة: العتبة.
protection-threshold-text = يُحجب ما يقل عن { $threshold } بعد الضوضاء. والعدد الحقيقي الذي يقل عن { $k } يُعرض باحتمال لا يتجاوز { $beta }.
one-in = 1 من كل { NUMBER($count) }
protection-budget = النشر مقنَّن: الميزانية.
protection-budget-text = كل نشر يستهلك جزءًا مما هو مسموح به لأشهره؛ فإذا استُهلك كله لم يُنشر عنها شيء بعد ذلك. ويستهلك أحدث إصدار إبسيلون قدره { $epsilon } من { $cap }. ولا تُسحب ضوضاء الجدول نفسه مرة ثانية أبدًا، لأن متوسط سحوبات كثيرة من شأنه أن يكشف العدد الحقيقي.
protection-plan = اختيرت الجداول أولًا.
protection-plan-text = في { $day } سُجّل ما سيُحصى عن { $period } وما بعدها، قبل أن يوجد ما يُحصى. ولم يختر أحد الجداول بالنظر إلى الأعداد.

risk-title = الخطر المتبقي
risk-text = تُنشر الأرقام بخطر معلن، له حد أقصى، لكل عنصر؛ وهذا الخطر ليس معدومًا. لنفترض أن شخصًا لم يبقَ أمامه إلا تخمينان متساويا الاحتمال: أن عنصرًا بعينه أُحصي، أو أنه لم يُحصَ. فمع كل ما نُشر في أحدث إصدار، ومع أي معرفة أخرى تُبقي التخمينين متساويي الاحتمال، يصيب في { $percent } مرة على الأكثر من كل 100 مرة، بدلًا من 50.
risk-people = الوعد يخص عنصرًا أو بلاغًا أو عنوان ويب، لا شخصًا. فمن يظهر في عناصر كثيرة تكون حمايته أقل، وكذلك العنصر الذي تحصيه عدة منظمات أو الذي يُحصى في عدة فترات: فالأخطار تتراكم.

hash-title = ما هي البصمة (hash)
hash-text = البصمة (hash) كبصمة الإصبع للملف: رقم قصير يحسبه الحاسوب منه؛ وهي ليست الصورة نفسها. وتتبادل خطوط الإبلاغ وهيئات أخرى قوائم ببصمات ملفات سبق أن حكم عليها أشخاص مدرَّبون، مثل مواد الاعتداء الجنسي على الأطفال. وبذلك يستطيع الحاسوب أن يقول «هذا معروف» أو «هذا شديد الشبه بشيء معروف»، ولا يحتاج أحد إلى النظر إلى الصورة مرة أخرى ليعرف ذلك.

check-title = تحقّقوا بأنفسكم
check-lead = يبيّن التوقيع أن الملفات للمنظمة الناشرة وأن شيئًا لم يتغيّر منذ ذلك الحين. ويلزم لذلك المفتاح العام للمنظمة الناشرة، وهو الملف innerward.pub؛ وينبغي الحصول عليه منها بطريق آخر غير هذه الصفحات.
check-innerward = باستخدام innerward، كل شيء دفعة واحدة، حيث FOLDER مجلد يضم ملفات إصدار واحد ولا شيء غيرها:
check-minisign = أو من دونه، بالأداة المعتادة minisign، في ذلك المجلد:
check-table = يذكر ملف البيان الموقَّع المجموع الاختباري BLAKE3 لكل جدول؛ ويجب أن تعطي الأداة b3sum ما يلي:
check-site = يمكن إنشاء هذه الصفحات من جديد من الإصدارات، بايتًا ببايت:
witness-title = الشاهد على الدفتر
witness-none = لا يوجد. لم يؤكد أحد من الخارج أن دفتر المنظمة الناشرة لم يُرجَع إلى حالة سابقة.

## Data

data-title = استخدام البيانات
data-lead = كل ما في هذه الصفحات، في ملفات تحمّلها برامج الجداول وبرامج الإحصاء وفهارس البيانات كما هي. وكلها تقول الشيء نفسه.
data-downloads = التنزيلات
col-file = الملف
col-use = الغرض منه
form-csv = جداول بسيطة، واحد لكل سلسلة: سطر عناوين، ثم سطر من وسوم HXL
form-observations = كل المشاهدات في جدول واحد مرتب، مشاهدة في كل صف: وهو الملف الذي تصفه الحزم
form-columns = كل عمود: الاسم والتعريف والنوع والوحدة ووسم HXL
form-codes = قوائم الرموز مع تسمياتها باللغات المختلفة
form-frictionless = حزمة Frictionless Data Package، لأدوات بيانات من أنواع كثيرة
form-cdm = مجلد Microsoft Common Data Model، لأدوات الأعمال وقواعد البيانات
form-sdmx = صيغة SDMX-CSV 2.0 مع بنيتها، لأجهزة الإحصاء
form-croissant = صيغة Croissant، للبحث عن مجموعات البيانات ولتعلّم الآلة
form-agreement = الالتزامات التي تُتاح البيانات بموجبها
form-citation = كيفية الاستشهاد، لبرامج إدارة المراجع
form-readme = ما في المجلد
form-licence = ترخيص البيانات
form-crosswalk = كيف ترتبط رموزنا برموز تصنيفات أخرى، وما الذي يُفقد في كل نقل
form-json-schema = مخطط JSON Schema، للبرامج التي تتحقق من البيانات عند استلامها
form-skos = المفردات في صورة بيانات مترابطة (SKOS)
form-releases = الإصدارات الموقَّعة، بايتًا ببايت كما نُشرت
data-columns = الأعمدة
data-columns-text = كل صف رقم واحد. والعمود الذي لا يستخدمه الجدول يحمل رمز SDMX _T، أي «المجموع».
col-name = الاسم
col-meaning = المعنى
data-status = كيف يُعلَّم الرقم
data-status-e = تقدير: أُضيفت الضوضاء
data-status-u = تقدير قريب من العتبة، أعلى من الحقيقة على الأرجح
data-status-q = محجوب: القيمة فارغة، ولا تُقرأ على أنها صفر
data-joins = الربط ببيانات أخرى
data-joins-text = رموز البلدان والمناطق هي رموز ISO 3166-1 و UN M49. وتربط جداول المقابلة رموزنا برموز الوزارات وخطوط الإبلاغ والمنصات. وقبل الربط ينبغي النظر إلى الوحدة وإلى ما يمثله البلد.
data-cite = كيفية الاستشهاد
data-licence = ترخيص البيانات
licence-cc-by-4-0 = يجوز لك نسخ البيانات ومشاركتها والبناء عليها إذا ذكرت مصدرها
licence-cc0-1-0 = يجوز لك استخدام البيانات من دون استئذان ومن دون شروط
data-contact = الأسئلة
no-contact = لم تذكر المنظمة الناشرة جهة اتصال.
bd4d-title = الوعود التي تُتاح البيانات بموجبها
bd4d-lead = قائمة تحقق تتماشى مع الالتزامات السبعة في Better Deal for Data، بكلماتنا نحن. وهي إعلان من المنظمة الناشرة، ولم يصدّق عليها أحد.
bd4d-1 = الغرض: تخدم البيانات الناس، لا المكاسب الخاصة. والغرض مذكور في كل ملف بيان موقَّع.
bd4d-2 = الملكية: ما يخص الآخرين يبقى لهم. فالقوائم تبقى لدى أصحابها ولا تُسمّى أبدًا.
bd4d-3 = التحكم: يُصحَّح الخطأ. والتصحيح إصدار جديد يحل محل القديم.
bd4d-4 = لا بيع: البيانات مجانية، بموجب الترخيص المذكور أعلاه.
bd4d-5 = الحماية: يخرج أقل ما يمكن، مع ضوضاء وعتبات وميزانية.
bd4d-6 = البحث: الطرق والدفتر متاحة للعموم، حتى يستطيع أي شخص التحقق من النتائج واستخدامها.
bd4d-7 = الإلزام: ترافق الالتزامات البيانات، بصيغة تقرؤها البرامج.

## Glossary

glossary-title = المسرد
glossary-lead = الكلمات في هذه الصفحات، ومصطلحات المجال، والرموز في البيانات.
glossary-words = الكلمات المستخدمة هنا
word-budget = الميزانية
word-budget-text = ما تسمح به فترة في كل المنشورات معًا، مقيسًا بإبسيلون.
word-epsilon = إبسيلون
word-epsilon-text = مقياس الخطر الذي يضيفه نشر ما لعنصر واحد. وكلما صغر كان أشد صرامة.
word-hash = البصمة
word-hash-text = رقم قصير يُحسب من ملف، كبصمة إصبع له.
word-item = العنصر
word-item-text = وحدة محتوى واحدة، كصورة مثلًا. تُحصى مرة واحدة في الفترة.
word-ledger = الدفتر
word-ledger-text = دفتر المنظمة الناشرة الذي يسجل ما نُشر عن كل فترة وما استُهلك من الميزانية.
word-list = القائمة
word-list-text = مجموعة بصمات لملفات سبق أن حكم عليها أشخاص، تتشاركها منظمات تحمي الأطفال.
word-look-alike = العنصر الشبيه
word-look-alike-text = عنصر صورته شديدة الشبه بصورة مدرجة، كنسخة أصغر منها مثلًا. والقرار لشخص.
word-noise = الضوضاء
word-noise-text = عدد صحيح عشوائي يُضاف إلى العدد أو يُطرح منه قبل النشر.
word-range = المدى
word-range-text = عددان يقع بينهما العدد الحقيقي في 95 حالة على الأقل من كل 100 حالة.
word-release = الإصدار
word-release-text = جداول فترة واحدة بعد حمايتها وتوقيعها ونشرها.
word-threshold = العتبة
word-threshold-text = المستوى الذي يُحجب الرقم، بما فيه من ضوضاء، إذا كان دونه.
word-withheld = محجوب
word-withheld-text = لم يُنشر لأنه صغير جدًا. ولا يُقرأ على أنه صفر.
terms-title = مصطلحات المجال
terms-lead = هذه هي المصطلحات المفضَّلة. وهي تتبع إرشادات المصطلحات لحماية الأطفال من الاستغلال الجنسي والاعتداء الجنسي. ولا تُستخدم هنا كلمات تلوم طفلًا أو تسمّي الاعتداء باسم آخر.
usage-selfgen = يُستخدم بحذر: لا يعني أبدًا رضا أو ذنبًا.
codes-title = الرموز في البيانات
codes-lead = كل بُعد ورمز يرد في هذه الإصدارات. ويعني رمز SDMX { $total } «الكل معًا».
col-code = الرمز
col-label = التسمية

## In brief

brief-title = باختصار: { $period }
brief-lead = صفحتان للطباعة أو التوزيع أو الحفظ بصيغة PDF من المتصفح.
brief-figures = الأرقام
brief-figures-caption = أحدث فترة في كل جدول، مقارنةً بالتي قبلها
brief-caveats = يرجى ذكر ذلك عند الاستشهاد برقم
brief-protected = كيف تُحمى الأرقام
brief-protected-text = أُضيفت العشوائية إلى كل عدد قبل النشر، وحُجبت الأرقام التي تقل عن العتبة. والخطر بالنسبة إلى العنصر الواحد معلن وله حد أقصى؛ وهو ليس معدومًا. وكل شيء موقَّع من المنظمة الناشرة ويمكن التحقق منه.
brief-source = المصدر
brief-text = نسخة من فقرة واحدة، لرسالة
brief-brackets = بين قوسين: حيث يقع العدد الحقيقي في 95 حالة على الأقل من كل 100 حالة، مع احتساب ما حُجب.
brief-more = { $count ->
    [zero] لا جداول أخرى غير معروضة هنا.
    [one] جدول آخر غير معروض هنا.
    [two] جدولان آخران غير معروضين هنا.
    [few] { NUMBER($count) } جداول أخرى غير معروضة هنا.
    [many] { NUMBER($count) } جدولًا آخر غير معروض هنا.
   *[other] { NUMBER($count) } جدول آخر غير معروض هنا.
}

## Operator

operator-outcome-known = معروف
operator-outcome-near = مشابه
operator-outcome-ignored = متجاهَل
operator-outcome-unknown = غير معروف
operator-outcome-unchecked = غير مفحوص
operator-outcome-quarantined = في الحجر
operator-outcome-deconfirmed = غير مؤكَّد
operator-meaning-known = مطابق لملف مدرج في قائمة
operator-meaning-near = يشبه صورة مدرجة؛ القرار لشخص
operator-meaning-near-all = يشبه صورة أو مقطع فيديو مدرجًا؛ القرار لشخص
operator-meaning-ignored = في قائمة ملفات غير ضارة
operator-meaning-unknown = فُحص، وليس في أي قائمة
operator-meaning-unknown-in-part = فُحص، وليس في الجزء الذي بُحث فيه من القوائم
operator-meaning-unchecked = لم يُفحص أو فُحص جزئيًا، ولم يُعثر على شيء
operator-meaning-quarantined = يطابق مدخلًا في الحجر؛ القرار لشخص
operator-meaning-deconfirmed = يطابق مدخلًا نُفي تأكيده هنا
operator-summary = { $items ->
    [zero] { NUMBER($items) } عنصر
    [one] عنصر واحد ({ NUMBER($items) })
    [two] عنصران ({ NUMBER($items) })
    [few] { NUMBER($items) } عناصر
    [many] { NUMBER($items) } عنصرًا
   *[other] { NUMBER($items) } عنصر
    }، { $bytes }، في { $seconds } ثانية ({ NUMBER($rate) } في الثانية)
operator-watched = { $count ->
    [zero] { NUMBER($count) } عنصر
    [one] عنصر واحد ({ NUMBER($count) })
    [two] عنصران ({ NUMBER($count) })
    [few] { NUMBER($count) } عناصر
    [many] { NUMBER($count) } عنصرًا
   *[other] { NUMBER($count) } عنصر
    } في قائمة مراقَبة، أيًّا كانت النتيجة
operator-suppressed = { $count ->
    [zero] { NUMBER($count) } عنصر
    [one] عنصر واحد ({ NUMBER($count) })
    [two] عنصران ({ NUMBER($count) })
    [few] { NUMBER($count) } عناصر
    [many] { NUMBER($count) } عنصرًا
   *[other] { NUMBER($count) } عنصر
    } بتطابق تلغيه قائمة ملفات غير ضارة
operator-repeats = { $count ->
    [zero] { NUMBER($count) } عنصر له بايتات عنصر سابق فُكّ ترميزه عن الجميع
    [one] عنصر واحد ({ NUMBER($count) }) له بايتات عنصر سابق فُكّ ترميزه عن الجميع
    [two] عنصران ({ NUMBER($count) }) لهما بايتات عنصر سابق فُكّ ترميزه عن الجميع
    [few] { NUMBER($count) } عناصر لها بايتات عنصر سابق فُكّ ترميزه عن الجميع
    [many] { NUMBER($count) } عنصرًا لها بايتات عنصر سابق فُكّ ترميزه عن الجميع
   *[other] { NUMBER($count) } عنصر لها بايتات عنصر سابق فُكّ ترميزه عن الجميع
    }
operator-alike = العناصر غير المعروفة المتشابهة: { NUMBER($items) }، وهي { $groups ->
    [zero] { NUMBER($groups) } مجموعة
    [one] مجموعة واحدة ({ NUMBER($groups) })
    [two] مجموعتان ({ NUMBER($groups) })
    [few] { NUMBER($groups) } مجموعات
    [many] { NUMBER($groups) } مجموعة
   *[other] { NUMBER($groups) } مجموعة
    }؛ تكفي رؤية واحد من كل مجموعة
operator-part = بُحث في جزء من القوائم فقط ({ $selection }): { $entries ->
    [zero] { NUMBER($entries) } مدخل
    [one] مدخل واحد ({ NUMBER($entries) })
    [two] مدخلان ({ NUMBER($entries) })
    [few] { NUMBER($entries) } مداخل
    [many] { NUMBER($entries) } مدخلًا
   *[other] { NUMBER($entries) } مدخل
    }؛ ولم يُبحث في { NUMBER($rest) }.
operator-not-allowed = لم يُبحث في: { $set }، لأن { $reason }.
operator-gaps = ما لم يُفحص، والسبب:
operator-excluded = استُبعد كما طُلب: { $count ->
    [zero] { NUMBER($count) } ملف أو مجلد
    [one] ملف أو مجلد واحد ({ NUMBER($count) })
    [two] ملفان أو مجلدان ({ NUMBER($count) })
    [few] { NUMBER($count) } ملفات ومجلدات
    [many] { NUMBER($count) } ملفًا ومجلدًا
   *[other] { NUMBER($count) } ملف ومجلد
    }.
operator-links = لم تُتبَع: { $count ->
    [zero] { NUMBER($count) } رابط
    [one] رابط واحد ({ NUMBER($count) })
    [two] رابطان ({ NUMBER($count) })
    [few] { NUMBER($count) } روابط
    [many] { NUMBER($count) } رابطًا
   *[other] { NUMBER($count) } رابط
    }.
operator-queries = { $count ->
    [zero] { NUMBER($count) } استعلام
    [one] استعلام واحد ({ NUMBER($count) })
    [two] استعلامان ({ NUMBER($count) })
    [few] { NUMBER($count) } استعلامات
    [many] { NUMBER($count) } استعلامًا
   *[other] { NUMBER($count) } استعلام
    }
operator-comma = { "، " }
operator-count = { $what }: { NUMBER($count) }
operator-watched-word = مراقَب
operator-suppressed-word = ملغى
operator-verdicts = الأحكام (محلية، ليست للمشاركة): { $path }
operator-page = صفحة للبدء: { $path }
operator-signed = موقَّع؛ للتحقق لاحقًا: { $command }
operator-more = … والمزيد، أبعد
operator-where = أين تنظر:
operator-public = الصفحة العامة
operator-release = الإصدار الموقَّع
operator-local-verdicts = الأحكام المحلية
operator-run = التشغيل { $run }
operator-lists = { $program }؛ القوائم: { $lists }
operator-revision = { $set } (المراجعة { $revision })
operator-show = إظهار { $what }
operator-names = إظهار أسماء الملفات
operator-local = محلي، ليس للمشاركة.
operator-hidden-note = لا تُعرض أي صورة؛ وأسماء الملفات مخفية إلى أن تطلبها.
operator-unreviewed = لم يراجع أي متحدث بهذه اللغة كلمات هذه الصفحة.
operator-numbers = بالأرقام
operator-items = العناصر
operator-with-verdict = لها حكم
operator-inside = في الداخل
operator-inside-note = وُجدت داخل أرشيفات ورسائل ومستندات
operator-repeats-word = مكررة
operator-repeats-note = لها بايتات عنصر سابق
operator-spared = لا حاجة لفتحها
operator-spared-note = عناصر لا يحتاج أحد إلى فتحها: معروفة أو غير ضارة أو تشبه ما سبقت رؤيته
operator-gaps-title = ما لم يُفحص، والسبب
operator-found = ما عُثر عليه
operator-show-label = إظهار:
operator-file-names = أسماء الملفات
operator-th-outcome = النتيجة
operator-th-kind = النوع
operator-th-bytes = البايتات
operator-th-list = القائمة
operator-th-entry = المدخل
operator-th-by = بواسطة
operator-th-labels = التصنيفات
operator-th-unchecked = لم يُفحص
operator-th-file = الملف
operator-cut = من أصل { NUMBER($all) } ({ $outcome }) يُعرض أول { NUMBER($shown) }؛ والكل في { $file }.
operator-alike-title = غير معروفة ومتشابهة
operator-alike-note = الصور ومقاطع الفيديو غير المعروفة التي تشبه غيرها: { NUMBER($items) }، والمجموعات: { NUMBER($groups) }. من رأى واحدة من مجموعة فقد رآها كلها.
operator-th-group = المجموعة
operator-th-items = العناصر
operator-th-first = أول ملف
operator-and-more = و{ NUMBER($count) } غيرها
operator-hidden = مخفي
operator-distance = { $signal }، { $bits ->
    [zero] { NUMBER($bits) } بت
    [one] بت واحد ({ NUMBER($bits) })
    [two] بتّان ({ NUMBER($bits) })
    [few] { NUMBER($bits) } بتات
    [many] { NUMBER($bits) } بتًّا
   *[other] { NUMBER($bits) } بت
    }
