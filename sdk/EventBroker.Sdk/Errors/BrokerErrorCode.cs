namespace EventBroker.Sdk.Errors;

/// <summary>What went wrong, in the terms that every protocol of the broker can express.</summary>
/// <remarks>Each code maps to exactly one gRPC status and one HTTP status; the numbers are those of
/// the gRPC status codes, so a code can be cast to one.</remarks>
public enum BrokerErrorCode
{
    /// <summary>The request itself is wrong and will never succeed as it is (HTTP 400).</summary>
    InvalidArgument = 3,

    /// <summary>The operation did not finish in its time (HTTP 504).</summary>
    DeadlineExceeded = 4,

    /// <summary>The event is not registered (HTTP 404).</summary>
    NotFound = 5,

    /// <summary>The event is registered already (HTTP 409).</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this (HTTP 403).</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached: message size, number of events, number of subscriptions (HTTP 429).</summary>
    ResourceExhausted = 8,

    /// <summary>The request is well formed but the transport can't honour it, such as a replay without
    /// retention (HTTP 400).</summary>
    FailedPrecondition = 9,

    /// <summary>The broker ended the operation, such as a subscription whose event was unregistered (HTTP 409).</summary>
    Aborted = 10,

    /// <summary>The operation does not exist (HTTP 501).</summary>
    Unimplemented = 12,

    /// <summary>A fault nobody foresaw; its details are in the log only (HTTP 500).</summary>
    Internal = 13,

    /// <summary>The backend or the broker is not reachable now; trying again may help (HTTP 503).</summary>
    Unavailable = 14,

    /// <summary>The caller did not prove who it is (HTTP 401).</summary>
    Unauthenticated = 16,
}
