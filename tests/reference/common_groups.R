# Shared by compare_split.R, two_groups.R, permutation.R and correlation.R.
source(file.path("tests", "reference", "common.R"))

# Grades and statements of the same people; a grade cuts the people in two.
together <- read_data("synthetic_split")
grades <- grep("^cijfer", names(together), value = TRUE)
statements <- grep("^stelling", names(together), value = TRUE)
pairs <- expand.grid(statement = statements, competence = grades,
                     stringsAsFactors = FALSE)[2:1]
# Sums of three grades: whole grades are cut alike by mean, median and tertiles.
for (i in 1:3) {
  together[[paste0("som_", i)]] <- rowSums(together[grades[i + 0:2]])
}

# Who is low and who is high; a low grade that is also high is low.
cut_grade <- function(mark, split) {
  cut <- switch(split,
    mean = mean(mark, na.rm = TRUE), median = median(mark, na.rm = TRUE),
    cutpoint = 21, tertiles = quantile(mark, c(1, 2) / 3, na.rm = TRUE, names = FALSE)
  )
  low <- if (split == "cutpoint") mark < cut else mark <= cut[1]
  high <- if (split == "tertiles") mark >= cut[2] & !low else !low
  list(cut = cut[1], cut_high = cut[length(cut)], low = which(low), high = which(high))
}

cut_answers <- function(competence, statement, split = "mean") {
  cut <- cut_grade(together[[competence]], split)
  part <- function(rows) as.numeric(na.omit(together[[statement]][rows]))
  list(cut = cut$cut, cut_high = cut$cut_high, low = part(cut$low),
       high = part(cut$high))
}

# Two groups that others published, and small ones with what is rare.
# - sleep: Student (1908), hours of sleep gained with two drugs, as in R's datasets;
#   the two columns are taken here as different people.
# - pain: Brunner & Munzel (2000), pain of 11 and 14 patients after an operation.
scores <- read_data("two_groups")
of_student <- scores$score[scores$name == "sleep"]
stopifnot(of_student == c(sleep$extra[11:20], sleep$extra[1:10]))
examples <- lapply(split(scores, factor(scores$name, unique(scores$name))), function(x) {
  list(first = x$score[x$group == 1], second = x$score[x$group == 2])
})
