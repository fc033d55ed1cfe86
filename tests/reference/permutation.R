# coin: the exact permutation test of two means (oneway_test) and Wilcoxon's test
# with ties (wilcox_test). Grades cut at the mean, and small groups.
source(file.path("tests", "reference", "common_groups.R"))
suppressPackageStartupMessages(library(coin))

one_row <- function(name, x, y) {
  rows <- data.frame(
    score = c(x, y), group = factor(rep(1:2, c(length(x), length(y))))
  )
  p <- function(test) {
    as.numeric(pvalue(test(score ~ group, rows, distribution = "exact")))
  }
  data.frame(
    name = name, n_first = length(x), n_second = length(y),
    p_value = p(oneway_test), p_ranks = p(wilcox_test)
  )
}

of_grades <- Map(function(competence, statement) {
  found <- cut_answers(competence, statement)
  one_row(paste(competence, statement), found$high, found$low)
}, pairs$competence, pairs$statement)
others <- Map(function(name, found) one_row(name, found$first, found$second),
              names(examples), examples)
write_reference(do.call(rbind, unname(c(of_grades, others))), "permutation")
