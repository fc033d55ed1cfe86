# Every statement beside every grade, cut at its mean, and beside sums of three
# grades, cut in four ways: Welch's t.test, Hedges' g with the exact small-sample
# factor (effectsize), p.adjust per grade and over all rows of one table.
source(file.path("tests", "reference", "common_groups.R"))
suppressPackageStartupMessages(library(effectsize))

one_row <- function(competence, statement, split) {
  found <- cut_answers(competence, statement, split)
  test <- t.test(found$high, found$low, conf.level = 0.95)
  data.frame(
    competence = competence, statement = statement, split = split,
    cut = found$cut, cut_high = found$cut_high,
    n = sum(!is.na(together[[competence]]) & !is.na(together[[statement]])),
    n_low = length(found$low), n_high = length(found$high),
    mean_low = mean(found$low), mean_high = mean(found$high),
    difference = mean(found$high) - mean(found$low),
    ci_low = test$conf.int[1], ci_high = test$conf.int[2],
    hedges_g = hedges_g(found$high, found$low, ci = NULL)$Hedges_g,
    p_value = test$p.value
  )
}

one_table <- function(marks, split) {
  pairs <- expand.grid(statement = statements, competence = marks,
                       stringsAsFactors = FALSE)
  rows <- Map(one_row, pairs$competence, pairs$statement, split)
  table <- do.call(rbind, unname(rows))
  within <- function(method) {
    ave(table$p_value, table$competence, FUN = function(p) p.adjust(p, method))
  }
  table$q_value <- within("BH")
  table$p_holm <- within("holm")
  table$q_value_all <- p.adjust(table$p_value, "BH")
  table$p_holm_all <- p.adjust(table$p_value, "holm")
  table
}

of_sums <- lapply(c("mean", "median", "cutpoint", "tertiles"), one_table,
                  marks = paste0("som_", 1:3))
write_reference(do.call(rbind, c(list(one_table(grades, "mean")), of_sums)),
                "compare_split")
