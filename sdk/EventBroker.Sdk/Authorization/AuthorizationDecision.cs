using EventBroker.Sdk.Errors;

namespace EventBroker.Sdk.Authorization;

/// <summary>An authorizer's answer.</summary>
public readonly struct AuthorizationDecision
{
    private AuthorizationDecision(BrokerErrorCode? code, string reason, string message)
    {
        Code = code;
        Reason = reason;
        Message = message;
    }

    /// <summary>Gets the decision to allow.</summary>
    public static AuthorizationDecision Allow => new(null, "", "");

    /// <summary>Gets whether the call may go on. <c>default</c> does not allow.</summary>
    public bool IsAllowed => Code is null && Reason is not null;

    /// <summary>Gets the code of a denial: <see cref="BrokerErrorCode.PermissionDenied"/> or
    /// <see cref="BrokerErrorCode.Unauthenticated"/>; null when allowed.</summary>
    public BrokerErrorCode? Code { get; }

    /// <summary>Gets the reason for the log. It names no value of a header or parameter: that may be a secret, or be meant to forge lines.</summary>
    public string? Reason { get; }

    /// <summary>Gets the message for the caller; it gives nothing away that the caller should not know.</summary>
    public string? Message { get; }

    /// <summary>Denies a caller that is known.</summary>
    /// <param name="reason">The reason, for the log.</param>
    /// <param name="message">The message for the caller.</param>
    /// <returns>The decision.</returns>
    public static AuthorizationDecision Deny(string reason, string message = "permission denied") =>
        new(BrokerErrorCode.PermissionDenied, reason, message);

    /// <summary>Denies a caller that has not proven who it is.</summary>
    /// <param name="reason">The reason, for the log.</param>
    /// <param name="message">The message for the caller.</param>
    /// <returns>The decision.</returns>
    public static AuthorizationDecision Unauthenticated(string reason, string message = "authentication required") =>
        new(BrokerErrorCode.Unauthenticated, reason, message);
}
