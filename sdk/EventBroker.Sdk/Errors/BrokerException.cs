namespace EventBroker.Sdk.Errors;

/// <summary>An expected failure of a broker operation. The message is shown to the caller, so it must name
/// what is wrong and what to do, and must hold no secret; an inner exception goes to the log only.</summary>
/// <remarks>Anything else that a plugin throws reaches the caller as <see cref="BrokerErrorCode.Internal"/>
/// with the text <c>internal error</c>.</remarks>
public sealed class BrokerException : Exception
{
    /// <summary>Initializes an exception with its code and the message for the caller.</summary>
    /// <param name="code">What kind of failure it is.</param>
    /// <param name="message">The message for the caller.</param>
    public BrokerException(BrokerErrorCode code, string message)
        : base(message) => Code = code;

    /// <summary>Initializes an exception with its code, the message for the caller and the cause for the log.</summary>
    /// <param name="code">What kind of failure it is.</param>
    /// <param name="message">The message for the caller.</param>
    /// <param name="innerException">The cause; logged, never sent.</param>
    public BrokerException(BrokerErrorCode code, string message, Exception innerException)
        : base(message, innerException) => Code = code;

    /// <summary>Gets what kind of failure it is.</summary>
    public BrokerErrorCode Code { get; }

    /// <summary>Gets what the code alone does not tell. Default <see cref="BrokerErrorReason.None"/>.</summary>
    public BrokerErrorReason Reason { get; init; }

    /// <summary>Gets whether the same call fails whenever it is made, where its code alone would let a caller try again: a message that is too
    /// large stays so. Default false.</summary>
    public bool IsFinal { get; init; }
}
