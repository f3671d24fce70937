### status: machine

language-tag = pt
language-name = português
language-direction = ltr

## Numbers and dates (Unicode CLDR 48)
## status: official

number-digits = 0123456789
number-group = .
number-decimal = ,
number-grouped-from = 4
number-minus = -
number-percent = { $number }%
number-range = { $low }–{ $high }
date-day = { $day } de { $month } de { $year }
date-month = { $month } de { $year }
date-quarter = { $first }{ "\u2009" }–{ "\u2009" }{ $last } de { $year }
date-span = { $first } – { $last }
month-1 = janeiro
month-2 = fevereiro
month-3 = março
month-4 = abril
month-5 = maio
month-6 = junho
month-7 = julho
month-8 = agosto
month-9 = setembro
month-10 = outubro
month-11 = novembro
month-12 = dezembro
month-in-date-1 = janeiro
month-in-date-2 = fevereiro
month-in-date-3 = março
month-in-date-4 = abril
month-in-date-5 = maio
month-in-date-6 = junho
month-in-date-7 = julho
month-in-date-8 = agosto
month-in-date-9 = setembro
month-in-date-10 = outubro
month-in-date-11 = novembro
month-in-date-12 = dezembro

## Operator

operator-outcome-known = conhecido
operator-outcome-near = próximo
operator-outcome-ignored = ignorado
operator-outcome-unknown = desconhecido
operator-outcome-unchecked = não verificado
operator-outcome-quarantined = em quarentena
operator-outcome-deconfirmed = desconfirmado
operator-meaning-known = idêntico a um arquivo de uma lista
operator-meaning-near = parece-se com uma imagem de uma lista; uma pessoa decide
operator-meaning-near-all = parece-se com uma imagem ou um vídeo de uma lista; uma pessoa decide
operator-meaning-ignored = numa lista de arquivos inofensivos
operator-meaning-unknown = verificado, em nenhuma lista
operator-meaning-unknown-in-part = verificado, ausente da parte das listas que foi consultada
operator-meaning-unchecked = não verificado ou só em parte, e nada encontrado
operator-meaning-quarantined = corresponde a uma entrada em quarentena; uma pessoa decide
operator-meaning-deconfirmed = corresponde a uma entrada desconfirmada aqui
operator-summary = { $items ->
    [one] { NUMBER($items) } item
   *[other] { NUMBER($items) } itens
    }, { $bytes }, em { $seconds } s ({ NUMBER($rate) } por segundo)
operator-watched = { $count ->
    [one] { NUMBER($count) } item
   *[other] { NUMBER($count) } itens
    }, numa lista vigiada, seja qual for o resultado
operator-suppressed = { $count ->
    [one] { NUMBER($count) } item
   *[other] { NUMBER($count) } itens
    }, com uma correspondência anulada por uma lista de arquivos inofensivos
operator-repeats = { $count ->
    [one] { NUMBER($count) } item tem os bytes de um anterior, que foi decodificado para todos
   *[other] { NUMBER($count) } itens têm os bytes de um anterior, que foi decodificado para todos
    }
operator-alike = { NUMBER($items) } itens desconhecidos são parecidos, em { $groups ->
    [one] { NUMBER($groups) } grupo
   *[other] { NUMBER($groups) } grupos
    }: basta ver um de cada
operator-part = Só uma parte das listas foi consultada ({ $selection }): { $entries ->
    [one] { NUMBER($entries) } entrada
   *[other] { NUMBER($entries) } entradas
    }; { NUMBER($rest) } não.
operator-not-allowed = Não consultada: { $set }, porque { $reason }.
operator-gaps = O que não foi verificado, e por quê:
operator-excluded = Deixado de fora como pedido: { $count ->
    [one] { NUMBER($count) } arquivo ou pasta
   *[other] { NUMBER($count) } arquivos e pastas
    }.
operator-links = Não seguido: { $count ->
    [one] { NUMBER($count) } link
   *[other] { NUMBER($count) } links
    }.
operator-queries = { $count ->
    [one] { NUMBER($count) } consulta
   *[other] { NUMBER($count) } consultas
    }
operator-comma = { ", " }
operator-count = { NUMBER($count) } { $what }
operator-watched-word = vigiado
operator-suppressed-word = anulado
operator-verdicts = Veredictos (locais, não compartilhar): { $path }
operator-page = Uma página para começar: { $path }
operator-signed = Assinado; para conferir depois: { $command }
operator-more = … e mais, mais distantes
operator-where = Onde olhar:
operator-public = a página pública
operator-release = a publicação assinada
operator-local-verdicts = os veredictos locais
operator-run = Execução { $run }
operator-lists = { $program }; listas: { $lists }
operator-revision = { $set } (revisão { $revision })
operator-show = mostrar { $what }
operator-names = mostrar nomes de arquivos
operator-local = Local, não compartilhar.
operator-hidden-note = Nenhuma imagem é mostrada; os nomes de arquivos ficam ocultos até que você os peça.
operator-unreviewed = Nenhum falante desta língua verificou as palavras desta página.
operator-numbers = Em números
operator-items = itens
operator-with-verdict = com um veredicto
operator-inside = dentro
operator-inside-note = encontrados dentro de arquivos compactados, e-mails e documentos
operator-repeats-word = repetidos
operator-repeats-note = têm os bytes de um item anterior
operator-spared = não é preciso abrir
operator-spared-note = itens que ninguém precisa abrir: conhecidos, inofensivos ou parecidos com um já visto
operator-gaps-title = O que não foi verificado, e por quê
operator-found = O que foi encontrado
operator-show-label = Mostrar:
operator-file-names = nomes de arquivos
operator-th-outcome = Resultado
operator-th-kind = Tipo
operator-th-bytes = Bytes
operator-th-list = Lista
operator-th-entry = Entrada
operator-th-by = Por
operator-th-labels = Rótulos
operator-th-unchecked = Não verificado
operator-th-file = Arquivo
operator-cut = De { NUMBER($all) } itens ({ $outcome }) são mostrados os primeiros { NUMBER($shown) }; todos estão em { $file }.
operator-alike-title = Desconhecidos e parecidos
operator-alike-note = { NUMBER($items) } imagens e vídeos desconhecidos parecem-se com outros, em { NUMBER($groups) } grupos. Quem viu um de um grupo viu todos.
operator-th-group = Grupo
operator-th-items = Itens
operator-th-first = Primeiro arquivo
operator-and-more = e mais { NUMBER($count) }
operator-hidden = oculto
operator-distance = { $signal }, { $bits ->
    [one] { NUMBER($bits) } bit
   *[other] { NUMBER($bits) } bits
    }
