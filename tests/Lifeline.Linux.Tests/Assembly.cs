// Descriptors, signals and children belong to the whole process: tests that count them must not run side by side.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
