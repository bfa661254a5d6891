namespace Lifeline.Contracts;

/// <summary>A status was larger than <see cref="StatusLimits"/> allow, or could not be spelled in UTF-8.</summary>
public sealed class StatusLimitException : ArgumentException
{
    /// <summary>Says what was too large.</summary>
    public StatusLimitException(string what, long actual, long limit)
        : base($"{what} is {actual}, and the limit is {limit}.")
    {
        Actual = actual;
        Limit = limit;
    }

    /// <summary>Says what was wrong where no number describes it.</summary>
    public StatusLimitException(string message) : base(message)
    {
    }

    /// <summary>Says what was wrong, and why.</summary>
    public StatusLimitException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Says only that a limit was passed.</summary>
    public StatusLimitException() : base("The status is larger than the limits allow.")
    {
    }

    /// <summary>The size that was asked for; 0 if no number describes the fault.</summary>
    public long Actual { get; }

    /// <summary>The largest size allowed; 0 if no number describes the fault.</summary>
    public long Limit { get; }
}
