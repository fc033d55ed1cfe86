# Two groups of different people with one spread: t.test(var.equal = TRUE) on the small
# groups of tests/data/two_groups.csv. Compared with difference_with_ci without numbers of
# members, which is what compare_groups shows.
groups <- read.csv(file.path("tests", "data", "two_groups.csv"))
options(digits = 15)

one <- function(name) {
  own <- groups[groups$name == name, ]
  x <- own$score[own$group == 1]
  y <- own$score[own$group == 2]
  test <- t.test(x, y, var.equal = TRUE)
  data.frame(
    name = name, difference = mean(x) - mean(y), ci_low = test$conf.int[1],
    ci_high = test$conf.int[2], t = unname(test$statistic),
    df = unname(test$parameter), p_value = test$p.value
  )
}

usable <- Filter(function(name) {
  own <- groups[groups$name == name, ]
  enough <- all(table(factor(own$group, 1:2)) >= 1) && nrow(own) >= 3
  enough && any(tapply(own$score, own$group, function(s) length(unique(s)) > 1))
}, unique(groups$name))
write.csv(
  do.call(rbind, lapply(usable, one)),
  file.path("tests", "reference", "group_comparison.csv"), row.names = FALSE
)
