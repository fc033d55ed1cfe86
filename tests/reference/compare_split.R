# Every grade, cut at its mean, beside every statement: Welch's t.test, Hedges'
# g with the exact small-sample factor (effectsize), p.adjust per grade.
source(file.path("tests", "reference", "common.R"))
suppressPackageStartupMessages(library(effectsize))

answers <- read_data("synthetic_split")
grades <- grep("^cijfer", names(answers), value = TRUE)
statements <- grep("^stelling", names(answers), value = TRUE)

one_row <- function(grade, statement) {
  mark <- answers[[grade]]
  x <- answers[[statement]]
  cut <- mean(mark, na.rm = TRUE)
  high <- x[!is.na(mark) & mark > cut & !is.na(x)]
  low <- x[!is.na(mark) & mark <= cut & !is.na(x)]
  test <- t.test(high, low, conf.level = 0.95)
  data.frame(
    competence = grade, statement = statement, cut = cut,
    n_low = length(low), n_high = length(high),
    mean_low = mean(low), mean_high = mean(high),
    difference = mean(high) - mean(low),
    ci_low = test$conf.int[1], ci_high = test$conf.int[2],
    t = unname(test$statistic), df = unname(test$parameter),
    hedges_g = hedges_g(high, low, ci = NULL)$Hedges_g,
    p_value = test$p.value
  )
}

families <- lapply(grades, function(grade) {
  family <- do.call(rbind, lapply(statements, one_row, grade = grade))
  family$q_value <- p.adjust(family$p_value, method = "BH")
  family$p_holm <- p.adjust(family$p_value, method = "holm")
  family
})
write_reference(do.call(rbind, families), "compare_split")
