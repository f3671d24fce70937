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
