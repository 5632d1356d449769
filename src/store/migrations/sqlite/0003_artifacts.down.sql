DROP TABLE artifact_file;
DROP TABLE artifact;
