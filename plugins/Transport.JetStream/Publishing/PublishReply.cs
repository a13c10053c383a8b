using System.Buffers;
using System.Text.Json;
using EventBroker.Nats.Connections;
using EventBroker.Sdk.Errors;

namespace EventBroker.Transport.JetStream.Publishing;

/// <summary>The answer to a publish: where the message stands, or why it does not.</summary>
internal sealed class PublishReply : PendingReply
{
    private const int NoResponders = 503;

    private readonly TaskCompletionSource<PublishReply> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets a task that ends with the answer.</summary>
    public Task<PublishReply> Result => _answer.Task;

    /// <summary>Gets whether no stream takes the subject, or the stream has no leader just now.</summary>
    public bool IsUnclaimed { get; private set; }

    /// <summary>Gets why the message was not stored, or is not known to be; null if it was.</summary>
    public BrokerException? Failure { get; private set; }

    public string Stream { get; private set; } = "";

    public ulong Sequence { get; private set; }

    public bool IsDuplicate { get; private set; }

    public override void Answer(ReadOnlySequence<byte> headers, ReadOnlySequence<byte> payload)
    {
        try
        {
            IsUnclaimed = StatusLine.ReadCode(headers) == NoResponders;
            if (!IsUnclaimed)
            {
                Read(payload);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            Failure = new BrokerException(BrokerErrorCode.Unavailable, "NATS has answered with something that is no acknowledgement", exception);
        }

        _answer.TrySetResult(this);
    }

    public override void Fail(BrokerException why)
    {
        Failure = why;
        _answer.TrySetResult(this);
    }

    private void Read(ReadOnlySequence<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("seq"u8))
            {
                reader.Read();
                Sequence = reader.GetUInt64();
            }
            else if (reader.ValueTextEquals("stream"u8))
            {
                reader.Read();
                Stream = reader.GetString() ?? "";
            }
            else if (reader.ValueTextEquals("duplicate"u8))
            {
                reader.Read();
                IsDuplicate = reader.GetBoolean();
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                ReadError(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadError(ref Utf8JsonReader reader)
    {
        var (code, errorCode, description) = (0, 0, "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("code"u8))
            {
                reader.Read();
                code = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("err_code"u8))
            {
                reader.Read();
                errorCode = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("description"u8))
            {
                reader.Read();
                description = reader.GetString() ?? "";
            }
            else
            {
                reader.Skip();
            }
        }

        Failure = JetStreamErrors.Translate(code, errorCode, description);
    }
}
