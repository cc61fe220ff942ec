namespace cartwright::liquid {}
