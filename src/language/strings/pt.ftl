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

## The frame of every page

site-one = Números publicados por { $publisher }
site-many = Números de várias organizações
page-title = { $page } – { $site }
list-separator = { ", " }
colon = { ": " }
stop = { ". " }
in-brackets = { " " }({ $text })
skip = Ir para o conteúdo
nav-pages = Páginas
nav-overview = Visão geral
nav-releases = Publicações
nav-method = Como ler os números
nav-data = Dados
nav-glossary = Glossário
nav-brief = Em resumo
languages = Línguas
on-this-page = Nesta página
demo-sign = DEMO
demo-text = Dados inventados sobre imagens geradas e inofensivas; estes números não descrevem nada.
# Shown where a text was translated by a machine.
unreviewed-machine = Os textos desta página foram traduzidos por uma máquina, e nenhuma pessoa de língua portuguesa os verificou. Podem conter erros. A página em inglês é a fonte.
# Shown where a text was written for this project and checked by nobody else.
unreviewed-draft = Os textos desta página foram escritos para este projeto, e ainda ninguém mais verificou a redação.
# Shown where some texts of the page are checked and some are not.
unreviewed-some = Os textos com a marca { $mark } não foram verificados por nenhuma pessoa que fale a língua e podem conter erros.
review-lacking = Textos desta página que estão em inglês porque faltam nesta língua: { NUMBER($count) }.
english-words = Em inglês, palavra por palavra, do manifesto assinado:
footer-made = Feito com { $program } apenas a partir de publicações assinadas: contagens que foram protegidas antes de saírem da organização.
footer-nothing = Estas páginas não carregam nada de outros sítios, não instalam cookies e não observam ninguém.

## The page on which a language is chosen

start-what = O que é encontrado e tratado na proteção de crianças contra o abuso sexual, em números publicados: o que foi contado, como evoluiu e o que os números não dizem.
start-latest = Último período: { $period }

## Counts, ranges and sums

count-items = { $count ->
    [one] { NUMBER($count) } item
    [many] { NUMBER($count) } de itens
   *[other] { NUMBER($count) } itens
}
count-reports = { $count ->
    [one] { NUMBER($count) } denúncia
    [many] { NUMBER($count) } de denúncias
   *[other] { NUMBER($count) } denúncias
}
count-urls = { $count ->
    [one] { NUMBER($count) } endereço web
    [many] { NUMBER($count) } de endereços web
   *[other] { NUMBER($count) } endereços web
}
withheld = não publicado
near-threshold-title = Logo acima do nível abaixo do qual os números não são publicados; tais números tendem a ser demasiado altos.
near-mark-note = { $mark } Logo acima do nível abaixo do qual os números não são publicados; tais números tendem a ser demasiado altos.
all-groups = Todos os grupos juntos
# $what is the label of a code that has rows below it in the same table.
rest-of = { $what }, o resto
rest-note = “O resto”: a linha conta apenas o que não tem linha própria na tabela, e não tudo o que o seu nome diz.
sum-shown = Soma dos números mostrados
# $count is a count with its unit, $low and $high are numbers.
sum-sentence = Cerca de { $count }, em { $period }. Tendo em conta o que não é publicado, a contagem real situa-se entre { $low } e { $high } em pelo menos 95 de cada 100 casos.
# The same where something is withheld.
sum-between = Entre { $low } e { $high } em { $period }, em pelo menos 95 de cada 100 casos; os números mostrados somam { $count }.
sum-leaves-out = { $withheld ->
    [one] Dos { NUMBER($cells) } grupos da tabela, { NUMBER($withheld) } não é publicado e fica fora da soma.
   *[other] Dos { NUMBER($cells) } grupos da tabela, { NUMBER($withheld) } não são publicados e ficam fora da soma.
}
sum-near = { $near ->
    [one] { NUMBER($near) } dos números somados está logo acima do limiar, onde os números tendem a ser demasiado altos.
   *[other] { NUMBER($near) } dos números somados estão logo acima do limiar, onde os números tendem a ser demasiado altos.
}
nothing-shown = Não foi possível publicar nenhum número deste período: { $period }. Cada um era tão pequeno que poderia ter revelado algo sobre um caso concreto, e por isso nenhum é publicado. Não leia isso como zero: pode não ter havido nenhum ou ter havido alguns, e estas páginas não permitem saber qual dos dois.
not-children = Trata-se de conteúdos, denúncias ou endereços web. Não são crianças, não são pessoas que fizeram algo, e não são uma medida de quanto abuso existe.

## Changes

change-none = Sem alteração clara desde { $before }: com o acaso acrescentado e com o que não é publicado, pode ter havido mais, menos ou a mesma quantidade.
# $difference, $low and $high are numbers.
change-more = { $difference } a mais do que em { $before }; a diferença real situa-se entre { $low } e { $high } em pelo menos 95 de cada 100 casos.
change-fewer = { $difference } a menos do que em { $before }; a diferença real situa-se entre { $low } e { $high } em pelo menos 95 de cada 100 casos.
# Where something is withheld in one of the two periods: what is shown moves with the threshold too.
change-more-between = Tendo em conta o que não é publicado, entre { $low } e { $high } a mais do que em { $before }, em pelo menos 95 de cada 100 casos.
change-fewer-between = Tendo em conta o que não é publicado, entre { $low } e { $high } a menos do que em { $before }, em pelo menos 95 de cada 100 casos.
change-withheld = Não é possível comparar com { $before }: num dos dois períodos há algo que não é publicado.
change-broken = Não é possível comparar com { $before }: entretanto mudou a forma de comparar os itens com as listas.
change-missing = Não há números de { $before }.
change-short-none = sem alteração clara
change-short-withheld = não publicado
change-short-broken = não comparável
change-short-missing = sem números

## Overview

overview-lead-one = { $publisher } conta o que verifica e trata na proteção de crianças contra o abuso sexual, e publica as contagens. Eis os números, como evoluíram e o que não dizem.
overview-lead-many = { $count ->
    [one] { NUMBER($count) } organização conta o que verifica e trata na proteção de crianças contra o abuso sexual, e publica as contagens. Eis os números, como evoluíram e o que não dizem.
   *[other] { NUMBER($count) } organizações contam o que verificam e tratam na proteção de crianças contra o abuso sexual, e publicam as contagens. Eis os números, como evoluíram e o que não dizem.
}
overview-span = { $count ->
    [one] { NUMBER($count) } publicação: { $last }.
   *[other] { NUMBER($count) } publicações, da primeira ({ $first }) à última ({ $last }).
}
why-published = Para que se publicam estes números
findings-title = O que os números permitem afirmar
findings-lead = Até três conclusões sobre a tabela que encabeça o plano da organização que publica, escolhidas por uma regra fixa entre todas as comparações do último período. Os seus intervalos são mais largos do que no resto das páginas, para que, em pelo menos 95 de cada 100 períodos, todas se verifiquem em conjunto.
# $what is an indicator, $share, $low and $high of a share have their percent sign, $group a group of its table or “All groups together”; $after is a count with its unit.
finding-rise = { $what } – { $group }: os números mostrados somam { $after } em { $to }, { $difference } a mais do que em { $from }. Tendo em conta o que não é publicado, a diferença real situa-se entre { $low } e { $high } a mais.
finding-fall = { $what } – { $group }: os números mostrados somam { $after } em { $to }, { $difference } a menos do que em { $from }. Tendo em conta o que não é publicado, a diferença real situa-se entre { $low } e { $high } a menos.
# $change is change-more-between or change-fewer-between.
finding-between = { $what } – { $group }, { $to }: { $change }
finding-share = { $what } – { $group }: a maior parte em { $to }, cerca de { $share } da soma dos números mostrados. Em relação ao total, tendo em conta o que não é publicado, a parte real situa-se entre { $low } e { $high }.
finding-level = { $what } – { $group }: os números mostrados somam { $after } em { $to }. Tendo em conta o que não é publicado, a contagem real situa-se entre { $low } e { $high }.
finding-no-change = { $what } – { $group }: sem alteração clara. Os números mostrados somam { $after } em { $to } e { $before } em { $from }; com o acaso acrescentado e com o que não é publicado, pode ter havido mais, menos ou a mesma quantidade.
finding-nothing = Os números não permitem nenhuma conclusão. O que se mostra do último período é demasiado pouco, ou não pode ser comparado com os anteriores.
newest-title = Os números mais recentes
newest-lead = Cada número é uma estimativa: foi acrescentado de propósito um pouco de acaso, para que quase não dependa de um caso concreto.
not-added = Várias tabelas podem mostrar os mesmos itens, denúncias ou endereços de maneiras diferentes, e as unidades diferem. Os números de tabelas diferentes nunca são somados.
organisations-not-added = Um item que várias organizações contam está nos números de cada uma. Os números de organizações diferentes não são somados aqui.
read-first-title = Antes de usar um número
read-first-more = Tudo: como ler estes números

## A table over time

# $what is an indicator, $by the dimensions of its groups.
series-title = { $what }: { $by }
series-what = O que é contado
series-unit = A unidade
series-area = O que diz o país ou a região
series-trend = Ao longo do tempo
series-trend-caption = { $what }, todos os grupos juntos, de { $first } a { $last }
series-trend-one = { $what }, todos os grupos juntos, { $last }. Por enquanto há um só período; para uma linha são precisos dois.
series-trend-text = A linha é a soma dos números mostrados. A faixa à sua volta indica onde se situa a contagem real de todos os grupos em pelo menos 95 de cada 100 casos, incluindo o que não é publicado.
legend-line = Soma dos números mostrados
legend-band = Onde se situa a contagem real, em pelo menos 95 de cada 100 casos
legend-gap = Nada pôde ser mostrado, ou nada foi publicado: uma lacuna não é zero
legend-break = Mudou a forma de comparar os itens com as listas: não compare um lado desta linha com o outro
small-title = Cada grupo ao longo do tempo
small-text = Cada gráfico pequeno tem a sua própria escala, que começa em zero. A faixa é o intervalo da contagem real; onde a linha se interrompe, o número não é publicado.
small-never = Não publicado em nenhum período
small-table-caption = { $what } – { $by }: o número e, por baixo, o intervalo da contagem real
latest-title = O último período: { $period }
latest-caption = { $what }, { $period }: todos os grupos mostrados
latest-text = A barra termina no número; a linha fina que atravessa a sua extremidade é o intervalo da contagem real.
latest-withheld = { $count ->
    [one] Há mais { NUMBER($count) } grupo que não é publicado
   *[other] Há mais { NUMBER($count) } grupos que não são publicados
}
latest-none-withheld = Não falta nenhum grupo: todos são publicados.
compare-title = Comparação com períodos anteriores
compare-caption = { $now }, em comparação com { $before } e com { $year }
compare-text = “Sem alteração clara” significa que o intervalo de 95% da diferença contém o zero: os números não mostram se houve mais ou menos. De cada vinte comparações como estas, cerca de uma parece clara só por acaso; por isso os intervalos das conclusões são mais largos.
col-group = Grupo
col-now = Agora
col-before = Período anterior
col-year = Um ano antes
col-change = Alteração
col-period = Período
col-figure = Número
col-low = De
col-high = Até
col-withheld = Grupos não publicados
col-note = Nota
note-break = quebra de série
withheld-why-title = O que não é publicado, e porquê
withheld-why = { $withheld ->
    [0] Período: { $period }. São publicados os números dos { NUMBER($cells) } grupos; não falta nenhum.
    [one] Período: { $period }. { NUMBER($withheld) } dos { NUMBER($cells) } números não é publicado, porque era inferior a { $threshold } depois de acrescentado o acaso.
   *[other] Período: { $period }. { NUMBER($withheld) } dos { NUMBER($cells) } números não são publicados, porque eram inferiores a { $threshold } depois de acrescentado o acaso.
}
withheld-why-text = Um número tão pequeno poderia revelar algo sobre um caso concreto. Não leia um número não publicado como zero: pode não ter havido nenhum ou ter havido alguns.
breaks-title = Quebras de série
breaks-text = Algo mudou na forma de comparar os itens com as listas, pelo que as contagens variaram sem nenhuma mudança na realidade. Os números de antes e de depois não devem ser comparados.
break-list-within = { $period }: mudaram listas de uma classe ({ $class }) durante o período
break-list-before = { $period }: mudaram listas de uma classe ({ $class }) desde o período anterior
break-program-within = { $period }: mudou o programa ou uma definição durante o período
break-program-before = { $period }: mudou o programa ou uma definição desde o período anterior
table-of-chart = A tabela deste gráfico
all-figures = Todos os números de todos os períodos estão nas publicações e nos dados.

## Reading with a script on

reader-label = Ler os valores ao longo da linha
filter-label = Mostrar as linhas que contêm

## Releases

releases-title = Todas as publicações
releases-lead = Cada publicação contém as tabelas de um período, assinadas pela organização que publica. Nunca muda; uma correção é uma nova publicação que substitui a antiga.
releases-older = As páginas das publicações mais de dois anos anteriores à última existem numa só língua ({ $language }). Os seus números ao longo do tempo estão nas páginas das tabelas.
col-publisher = Organização
col-published = Data de publicação
col-release = Publicação
release-of = Publicação de { $period }
release-lead = O que { $publisher } publicou em { $day } sobre { $period }.
release-revision = Revisão { $revision }
release-supersedes = Substitui
release-superseded = Uma revisão posterior substitui esta publicação. Os seus números são conservados e não entram em nenhuma evolução.
release-superseded-short = substituída
release-figures = Os seus números
release-table-text = A contagem real não se afasta de um número mais de { $half }, em pelo menos 95 de cada 100 casos. “{ $withheld }” significa que o número era inferior a { $threshold } depois de acrescentado o acaso; a contagem real pode ser zero ou um número pequeno.
release-rounding = Os números são arredondados a um múltiplo de { $rounding }.
release-protection = A sua proteção, em números
release-files = Os seus ficheiros
release-file-table = os números de uma tabela, para uma folha de cálculo ou um programa
release-file-manifest = o que foi contado e como foi protegido, para um programa
release-file-signature = a assinatura do manifesto pela organização que publica
release-file-log = o lugar da publicação no diário em que a organização regista todas as suas publicações
release-cite = Como citar esta publicação
release-notes = Notas da organização que publica
release-lists = Listas usadas na comparação
release-list = { $class }, última revisão: { $period }
exact-what = O quê
exact-epsilon = Épsilon desta publicação
exact-epsilon-text = O limite do que todas as suas tabelas juntas podem revelar sobre um item, uma denúncia ou um endereço. Quanto menor, mais rigoroso.
exact-cap = Épsilon que um período permite
exact-cap-text = O orçamento. O livro de registo não deixa ultrapassá-lo.
exact-table-epsilon = Épsilon de uma tabela
exact-sensitivity = Sensibilidade
exact-noise = Desvio padrão do acaso acrescentado
exact-half = Metade do intervalo
exact-k = k
exact-beta = Probabilidade de ser mostrada uma contagem inferior a k
exact-threshold = Limiar
exact-rounding = Arredondamento
exact-caption = A proteção de cada tabela
exact-k-text = As contagens reais inferiores a k não devem ser publicadas; a probabilidade de, ainda assim, uma delas ser mostrada é no máximo a indicada.
by-table = { $low } a { $high }, conforme a tabela

## How to read this

method-title = Como ler estes números
method-lead = O que um número diz, o que não diz, como as pessoas são protegidas e como se pode verificar tudo.
reading-title = As palavras ao lado de um número
reading-about = “Cerca de”
reading-about-text = Cada número é uma estimativa. Foi acrescentado de propósito um pouco de acaso, para que quase não dependa de um caso concreto. Em pelo menos 95 de cada 100 casos, a contagem real situa-se dentro do intervalo indicado ao lado.
reading-withheld = “Não publicado”
reading-withheld-text = Os números inferiores a { $threshold } não são publicados. A contagem real pode ser zero, ou pode ser maior. Nunca leia um espaço em branco como zero.
reading-near = “Perto do limiar”
reading-near-text = Logo acima desse nível só se veem os números que saíram altos. Estão marcados: considere-os provavelmente demasiado altos.
reading-no-change = “Sem alteração clara”
reading-no-change-text = A diferença entre dois números também é incerta. Se o seu intervalo de 95% contém o zero, dizemos que não há alteração clara: pode ter havido mais, menos ou a mesma quantidade.
reading-sum = “Soma dos números mostrados”
reading-sum-text = Uma soma reúne o que é mostrado e diz quantos grupos deixa de fora. O seu intervalo tem em conta o que esses podem conter. Uma soma de vários meses conta um item uma vez por cada mês.
reading-item = “Item”, “denúncia”, “endereço web”
reading-item-text = Três unidades, que nunca são somadas. Um item é um conteúdo, contado uma vez num período por muitas vezes que tenha sido encontrado. Uma denúncia é o que alguém enviou; pode tratar de muitos itens, ou de nenhum.

caveats-title = O que estes números não dizem
caveat-prevalence = O volume não é a prevalência.
caveat-prevalence-text = Os números variam com o volume do que é verificado, com os deveres de denunciar, com as plataformas e com as ferramentas. Não medem quanto abuso existe.
caveat-children = Não são um número de crianças, nem um número de pessoas que cometem crimes.
caveat-children-text = Uma mesma criança pode aparecer em muitos itens, e um mesmo item pode ser transmitido por muitas pessoas, ou por nenhuma.
caveat-units = Unidades diferentes não são somadas.
caveat-units-text = Uma denúncia, um endereço web e um item são coisas diferentes, e várias tabelas podem mostrar os mesmos de maneiras diferentes.
caveat-country = Um país não significa nada sem o seu papel.
caveat-country-text = É onde algo foi armazenado, carregado, denunciado ou julgado; a página diz qual deles. Nada diz sobre a população do país.
caveat-match = Uma correspondência mostra o que a lista conhece.
caveat-match-text = Só pode corresponder o que alguém já encontrou, julgou e incluiu numa lista. A falta de correspondência não mostra nada.
caveat-lists = Uma lista que cresce faz variar as contagens.
caveat-lists-text = Mais correspondências podem significar uma lista mais longa, sem nenhuma mudança na realidade.
caveat-noise = Pequenas diferenças não significam nada.
caveat-noise-text = As diferenças dentro do intervalo indicado podem ser acaso. Não se deve ler nenhuma tendência em números inferiores a 50.
caveat-blank = Um espaço em branco não é um zero.
caveat-blank-text = Diz apenas que o número era demasiado pequeno para ser publicado.
caveat-categories = As categorias vêm de quem julgou.
caveat-categories-text = A gravidade, a idade e o tipo de dano são os que a fonte registou. Ao passar de uma classificação para outra perde-se pormenor.
caveat-near = Uma semelhança não é uma constatação.
caveat-near-text = Os computadores assinalam a semelhança; uma pessoa decide. Os itens próximos nunca são contados como idênticos.
caveat-break = Onde o método mudou, a série tem uma quebra.
caveat-break-text = Novas formas de comparar ou outros limites fazem variar as contagens. As quebras estão marcadas, e nada é comparado entre um lado e o outro.

protection-title = Como as pessoas são protegidas
protection-counts = Só saem contagens.
protection-counts-text = Estas páginas são feitas a partir de contagens por período. Para as fazer não saiu da organização nenhuma imagem, nenhum nome de ficheiro, nenhum hash e nenhuma data mais precisa.
protection-noise = Acrescenta-se acaso: o ruído.
protection-noise-text = A cada contagem, zeros incluídos, foi somado ou subtraído um número inteiro aleatório antes que alguém de fora a pudesse ver; em pelo menos 95 de cada 100 casos, não mais de { $half }. Assim, um número quase não depende de um determinado item lá estar ou não.
protection-threshold = Os números pequenos são retidos: o limiar.
protection-threshold-text = O que é inferior a { $threshold } depois do ruído não é publicado. Uma contagem real inferior a { $k } é mostrada com uma probabilidade de, no máximo, { $beta }.
one-in = 1 em { NUMBER($count) }
protection-budget = A publicação é racionada: o orçamento.
protection-budget-text = Cada publicação consome uma parte do que os seus meses permitem; quando se esgota, nada mais é publicado sobre eles. A última publicação usa um épsilon de { $epsilon } em { $cap }. A mesma tabela nunca é sorteada uma segunda vez, porque a média de muitos sorteios revelaria a contagem real.
protection-plan = As tabelas foram escolhidas primeiro.
protection-plan-text = O que seria contado foi registado em { $day }, para { $period } e os períodos seguintes, antes de haver o que contar. Ninguém escolheu as tabelas olhando para os números.

risk-title = O risco que resta
risk-text = Os números são publicados com um risco declarado e limitado para cada item; o risco não é nulo. Suponha que a alguém só restam duas hipóteses, igualmente prováveis: um item concreto foi contado, ou não foi. Com tudo o que a última publicação contém, e com qualquer outro conhecimento que deixe as duas igualmente prováveis, essa pessoa acerta no máximo { $percent } vezes em 100, em vez de 50.
risk-people = A promessa é feita para um item, uma denúncia ou um endereço web, não para uma pessoa. Quem aparece em muitos itens está menos protegido, tal como um item que várias organizações contam, ou que é contado em vários períodos: os riscos somam-se.

hash-title = O que é um hash
hash-text = Um hash é a impressão digital de um ficheiro: um número curto que um computador calcula a partir dele; não é a imagem. As linhas de denúncia e outros organismos partilham listas de hashes de ficheiros que pessoas com formação já julgaram, por exemplo material de abuso sexual de crianças. Assim, um computador pode dizer “este já é conhecido” ou “este é muito parecido com um conhecido”, e ninguém precisa de voltar a olhar para a imagem para o saber.

check-title = Verifique por si
check-lead = A assinatura mostra que os ficheiros são da organização que publica e que nada foi alterado desde então. É necessária a chave pública dessa organização, innerward.pub; obtenha-a por outra via que não estas páginas.
check-innerward = Com o innerward, tudo de uma vez; FOLDER é uma pasta que contém os ficheiros de uma publicação e mais nada:
check-minisign = Ou sem ele, com a ferramenta corrente minisign, nessa pasta:
check-table = O manifesto assinado indica a soma de verificação BLAKE3 de cada tabela; b3sum deve dar:
check-site = Estas páginas podem ser feitas de novo a partir das publicações, byte a byte:
witness-title = Testemunha do livro de registo
witness-none = Nenhuma. Ninguém de fora confirmou que o livro de registo da organização não foi reposto num estado anterior.

## Data

data-title = Usar os dados
data-lead = Tudo o que está nestas páginas, em ficheiros que as folhas de cálculo, os programas de estatística e os catálogos de dados carregam tal como estão. Todos dizem o mesmo.
data-downloads = Downloads
col-file = Ficheiro
col-use = Para que serve
form-csv = Tabelas simples, uma por série: uma linha de cabeçalho e depois uma linha de etiquetas HXL
form-observations = Todas as observações numa só tabela, uma linha por número: o ficheiro que os pacotes descrevem
form-columns = Cada coluna: nome, definição, tipo, unidade, etiqueta HXL
form-codes = Listas de códigos com as designações nas várias línguas
form-frictionless = Pacote Frictionless Data, para ferramentas de dados de muitos tipos
form-cdm = Pasta do Microsoft Common Data Model, para ferramentas de gestão e bases de dados
form-sdmx = SDMX-CSV 2.0 com a sua estrutura, para institutos de estatística
form-croissant = Croissant, para a pesquisa de conjuntos de dados e a aprendizagem automática
form-agreement = Os compromissos com que os dados são partilhados
form-citation = Como citar, para gestores de referências
form-readme = O que está na pasta
form-licence = A licença dos dados
form-crosswalk = Como os nossos códigos se relacionam com os de outras classificações, e o que se perde em cada passagem
form-json-schema = JSON Schema, para programas que verificam os dados à entrada
form-skos = O vocabulário como dados ligados (SKOS)
form-releases = As publicações assinadas, byte a byte tal como foram publicadas
data-columns = As colunas
data-columns-text = Uma linha é um número. Uma coluna que uma tabela não usa contém _T, “total”.
col-name = Nome
col-meaning = Significado
data-status = Como um número é marcado
data-status-e = uma estimativa: foi acrescentado ruído
data-status-u = uma estimativa perto do limiar, provavelmente demasiado alta
data-status-q = não publicado: o valor está vazio, e não deve ser lido como zero
data-joins = Cruzar com outros dados
data-joins-text = Os códigos de países e regiões são os das normas ISO 3166-1 e M49 das Nações Unidas. Há tabelas de correspondência que relacionam os nossos códigos com os de ministérios, linhas de denúncia e plataformas. Antes de cruzar, veja a unidade e o que o país representa.
data-cite = Como citar
data-licence = Licença dos dados
licence-cc-by-4-0 = pode copiar, partilhar e reutilizar os dados se indicar de onde vêm
licence-cc0-1-0 = pode usar os dados sem pedir autorização e sem condições
data-contact = Perguntas
no-contact = A organização que publica não indica nenhum contacto.
bd4d-title = As promessas com que os dados são partilhados
bd4d-lead = Uma lista de verificação alinhada com os sete compromissos do Better Deal for Data, nas nossas próprias palavras. É declarada pela organização que publica, e ninguém a certificou.
bd4d-1 = Finalidade: os dados servem as pessoas, e não o lucro privado. A finalidade consta de cada manifesto assinado.
bd4d-2 = Propriedade: o que é de outros continua a ser seu. As listas ficam com quem as detém e nunca são nomeadas.
bd4d-3 = Controlo: o que está errado é corrigido. Uma correção é uma nova publicação que substitui a antiga.
bd4d-4 = Sem venda: os dados são gratuitos, com a licença indicada acima.
bd4d-5 = Proteção: sai o mínimo possível, com ruído, limiares e um orçamento.
bd4d-6 = Investigação: os métodos e o livro de registo são públicos, para que qualquer pessoa possa verificar e usar os resultados.
bd4d-7 = Caráter vinculativo: os compromissos acompanham os dados, numa forma que os programas leem.

## Glossary

glossary-title = Glossário
glossary-lead = As palavras destas páginas, os termos da área e os códigos dos dados.
glossary-words = Palavras usadas aqui
word-budget = Orçamento
word-budget-text = O que um período permite em todas as publicações juntas, medido em épsilon.
word-epsilon = Épsilon
word-epsilon-text = A medida do risco que uma publicação acrescenta para um item. Quanto menor, mais rigorosa.
word-hash = Hash
word-hash-text = A impressão digital de um ficheiro: um número curto calculado a partir dele.
word-item = Item
word-item-text = Um conteúdo, por exemplo uma imagem. Contado uma vez num período.
word-ledger = Livro de registo
word-ledger-text = O livro em que a organização regista o que foi publicado de cada período e o orçamento que isso consumiu.
word-list = Lista
word-list-text = Um conjunto de hashes de ficheiros que pessoas já julgaram, partilhado entre organizações que protegem crianças.
word-look-alike = Item próximo
word-look-alike-text = Um item cuja imagem é muito parecida com uma imagem listada, por exemplo uma cópia mais pequena. Uma pessoa decide.
word-noise = Ruído
word-noise-text = Um número inteiro aleatório que é somado a uma contagem ou subtraído dela antes da publicação.
word-range = Intervalo
word-range-text = Dois números entre os quais a contagem real se situa em pelo menos 95 de cada 100 casos.
word-release = Publicação
word-release-text = As tabelas de um período, protegidas, assinadas e publicadas.
word-threshold = Limiar
word-threshold-text = O nível abaixo do qual um número, ruído incluído, não é publicado.
word-withheld = Não publicado
word-withheld-text = Ausente por ser demasiado pequeno para ser publicado. Não deve ser lido como zero.
terms-title = Termos da área
terms-lead = Estes são os termos preferidos. Seguem as orientações terminológicas internacionais para a proteção de crianças contra a exploração sexual e o abuso sexual (Terminology Guidelines). Não se usam aqui palavras que culpam uma criança, nem palavras que chamam outra coisa ao abuso.
usage-selfgen = Usar com cuidado: nunca implica consentimento nem culpa.
codes-title = Códigos dos dados
codes-lead = Todas as dimensões e todos os códigos que ocorrem nestas publicações. “{ $total }” significa tudo junto.
col-code = Código
col-label = Designação

## In brief

brief-title = Em resumo: { $period }
brief-lead = Duas páginas para imprimir, entregar ou guardar como PDF a partir do navegador.
brief-figures = Os números
brief-figures-caption = O último período de cada tabela, comparado com o anterior
brief-caveats = Por favor, diga-o quando citar um número
brief-protected = Como os números são protegidos
brief-protected-text = A cada contagem foi acrescentado acaso antes da publicação, e os números inferiores a um limiar não são publicados. O risco para um item concreto é declarado e limitado; não é nulo. Tudo foi assinado pela organização que publica e pode ser verificado.
brief-source = Fonte
brief-text = A versão de um parágrafo, para uma mensagem
brief-brackets = Entre parênteses: onde se situa a contagem real, em pelo menos 95 de cada 100 casos, incluindo o que não é publicado.
brief-more = { $count ->
    [one] Há mais { NUMBER($count) } tabela que não é mostrada aqui.
    [many] Há mais { NUMBER($count) } de tabelas que não são mostradas aqui.
   *[other] Há mais { NUMBER($count) } tabelas que não são mostradas aqui.
}

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
