DROP TABLE step;
DROP TABLE run;
DROP TABLE workflow;
