using EventBroker.Sdk.Errors;
using NATS.Client.JetStream.Models;

namespace EventBroker.Transport.JetStream;

/// <summary>The servers' own error numbers, and what they mean here.</summary>
internal static class JetStreamErrors
{
    public const int StreamNotFound = 10059;
    public const int ConsumerNotFound = 10014;
    public const int StreamNameInUse = 10058;
    public const int SubjectsOverlap = 10065;

    public const string NoJetStream =
        "JetStream does not answer: it is not enabled on these servers or for this account, or it has no leader just now";

    private const int MessageTooLarge = 10054;

    public static BrokerException Translate(ApiError error, Exception? cause) => new(
        CodeOf(error), $"JetStream refuses: {error.Description?.TrimEnd('.')} ({error.ErrCode}){AdviceOn(error.ErrCode)}", cause!);

    public static BrokerException Translate(int code, int errorCode, string description) =>
        Translate(new ApiError { Code = code, ErrCode = errorCode, Description = description }, cause: null);

    private static BrokerErrorCode CodeOf(ApiError error) => error.ErrCode switch
    {
        StreamNotFound => BrokerErrorCode.NotFound,

        // Too many streams or consumers, storage or memory used up, a full stream that takes no new message.
        10002 or 10023 or 10026 or 10027 or 10028 or 10047 or 10077 or 10122 or MessageTooLarge => BrokerErrorCode.ResourceExhausted,

        // No JetStream for the account, or not on this server; more replicas than servers; too few for them.
        10035 or 10039 or 10076 or 10074 or 10005 or SubjectsOverlap => BrokerErrorCode.FailedPrecondition,
        10008 or 10009 => BrokerErrorCode.Unavailable,
        _ => error.Code switch
        {
            503 => BrokerErrorCode.Unavailable,
            408 or 504 => BrokerErrorCode.DeadlineExceeded,
            _ => BrokerErrorCode.FailedPrecondition,
        },
    };

    private static string AdviceOn(int errorCode) => errorCode switch
    {
        10026 => "; the account or the stream allows no more consumers: raise the limit, or remove groups and consumer ids that nobody uses",
        10027 => "; the account allows no more streams: raise the limit, or unregister events that nobody uses",
        10002 or 10023 or 10028 or 10047 => "; the account's storage is used up or reserved: raise its limit, or give events less retention",
        10077 or 10122 => "; the event is full and discards nothing that is old",
        10039 or 10076 or 10035 => "; enable JetStream on the servers and for the account that this broker logs in to",
        10074 or 10005 => "; replicas need a cluster of at least as many servers with JetStream",
        SubjectsOverlap => "; another stream takes this event's subject: remove it there, or give this transport another subjectPrefix",
        _ => "",
    };
}
