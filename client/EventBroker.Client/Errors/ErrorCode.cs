namespace EventBroker.Client;

/// <summary>What kind of failure a call has met; names and numbers are those of the status codes of gRPC.</summary>
public enum ErrorCode
{
    /// <summary>The server has cancelled the call.</summary>
    Cancelled = 1,

    /// <summary>Nobody knows; what the program's own functions throw, such as a token provider, has it too.</summary>
    Unknown = 2,

    /// <summary>The request itself is wrong and never succeeds as it is.</summary>
    InvalidArgument = 3,

    /// <summary>It was not done in its time.</summary>
    DeadlineExceeded = 4,

    /// <summary>There is no such event.</summary>
    NotFound = 5,

    /// <summary>There is one already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached: too large, too many, or no room at present. See <see cref="EventBrokerException.IsTransient"/>.</summary>
    ResourceExhausted = 8,

    /// <summary>The transport behind the broker can't do that.</summary>
    FailedPrecondition = 9,

    /// <summary>The broker has ended it, such as a subscription whose event is gone or whose consumer id somebody else has taken over.</summary>
    Aborted = 10,

    /// <summary>A value is out of range.</summary>
    OutOfRange = 11,

    /// <summary>The server knows no such call.</summary>
    Unimplemented = 12,

    /// <summary>A fault of the server that nobody foresaw.</summary>
    Internal = 13,

    /// <summary>The broker or its backend is out of reach.</summary>
    Unavailable = 14,

    /// <summary>The server has lost data.</summary>
    DataLoss = 15,

    /// <summary>Who calls is not proven.</summary>
    Unauthenticated = 16,
}
