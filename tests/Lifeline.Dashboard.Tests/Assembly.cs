// Each scenario kills and measures processes of its own: side by side they would only slow each other.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
