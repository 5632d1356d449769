DROP TABLE step;
DROP TABLE run_due;
DROP TABLE run;
DROP TABLE workflow;
