using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EventBroker.Sdk.Errors;
using EventBroker.Sdk.Transports;

namespace EventBroker.Transport.Log.Writing.Operations;

/// <summary>Appends a message.</summary>
internal sealed class AppendOperation(LogEvent target, TransportMessage message) : TaskOperation<PublishReceipt>
{
    private PublishReceipt _receipt;

    public override bool NeedsRoom => true;

    public override long Bytes => message.Message.Length;

    protected override PublishReceipt Result => _receipt;

    public override void Apply(WriteContext context) => _receipt = Append(context, target, message);

    /// <summary>Appends a message to an event, unless its id is remembered.</summary>
    public static PublishReceipt Append(WriteContext context, LogEvent target, in TransportMessage message)
    {
        var record = target.Record;
        if (record.IsRemoved)
        {
            throw BrokerErrors.EventNotRegistered();
        }

        context.Touch(record);
        if (message.HasGeneratedId)
        {
            return new PublishReceipt { Position = target.PositionOf(record.Append(message.Message.Bytes, default)) };
        }

        var id = Digest(message.Message.GetId());
        if (record.Ids.TryFind(id, context.NowTicks, out var number))
        {
            return new PublishReceipt { Position = target.PositionOf(number), IsDuplicate = true };
        }

        number = record.Append(message.Message.Bytes, id);
        record.Ids.Add(id, number);
        return new PublishReceipt { Position = target.PositionOf(number) };
    }

    // As good as the id itself, in 16 bytes; never 0, which stands for none.
    private static UInt128 Digest(string id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash) | 1;
    }
}
