using EventBroker.Client.Errors;

namespace EventBroker.Client;

/// <summary>A call that the broker refused, or that did not reach it.</summary>
public class EventBrokerException : Exception
{
    /// <summary>Initializes an exception.</summary>
    /// <param name="code">What kind of failure it is.</param>
    /// <param name="message">The broker's message, or what went wrong on the way.</param>
    /// <param name="innerException">What it was made from.</param>
    public EventBrokerException(ErrorCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>Gets what kind of failure it is. <see cref="ErrorCode.NotFound"/>: no such event; <see cref="ErrorCode.Unavailable"/>:
    /// the broker or its backend is out of reach; <see cref="ErrorCode.DeadlineExceeded"/>: an attempt took too long. With the last two, and
    /// with INTERNAL and UNKNOWN, a message that was to be published may be published all the same.</summary>
    public ErrorCode Code { get; }

    /// <summary>Gets whether the same call may succeed later, unchanged: the broker was out of reach or did not work, or it refuses for now
    /// (<see cref="ErrorCode.ResourceExhausted"/>, <see cref="ErrorCode.Aborted"/>). What is not transient is an answer; so is a message that is
    /// too large, although its code is <see cref="ErrorCode.ResourceExhausted"/>.</summary>
    public bool IsTransient => !IsFinal && !IsTakenOver && RpcErrors.IsTransient(Code);

    /// <summary>Gets whether another subscriber has the consumer id now (<see cref="ErrorCode.Aborted"/>): a subscription ends with that instead of
    /// taking the id back, which would begin a fight.</summary>
    public bool IsTakenOver { get; internal init; }

    /// <summary>Gets how long calls are still not sent, where the circuit is open and this one was not sent for that; otherwise null.</summary>
    public TimeSpan? RetryAfter { get; internal init; }

    internal bool IsFinal { get; init; }
}
