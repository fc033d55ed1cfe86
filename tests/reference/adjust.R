# p.adjust on p-values with ties, 0, 1 and tests that could not be done.
source(file.path("tests", "reference", "common.R"))

p_value <- c(0.01, 0.04, 0.04, NA, 0.2, 1, 0, 0.0004, 0.03, NA, 0.5, 0.04)
result <- data.frame(
  p_value = p_value,
  bh = p.adjust(p_value, method = "BH"),
  holm = p.adjust(p_value, method = "holm")
)
write_reference(result, "adjust")
