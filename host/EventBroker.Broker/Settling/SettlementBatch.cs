using System.Buffers;
using EventBroker.Sdk.Transports;

namespace EventBroker.Broker.Settling;

/// <summary>Settlements on their way to a transport together, each with what it was made of. Made under the subscription's lock, sent
/// outside of it.</summary>
/// <remarks>Its arrays are pooled; <see cref="Dispose"/> gives them back once the transport has answered.</remarks>
internal struct SettlementBatch : IDisposable
{
    private TransportSettlement[]? _settlements;
    private Origin[]? _origins;

    public int Count { get; private set; }

    public readonly Memory<TransportSettlement> Settlements => _settlements.AsMemory(0, Count);

    public readonly Span<Origin> Origins => _origins.AsSpan(0, Count);

    /// <summary>Adds a settlement.</summary>
    /// <param name="settlement">What is to become of a delivery.</param>
    /// <param name="sequence">Its number in the in-flight table, where it stays as settling; 0 if it has left it.</param>
    /// <param name="entry">The place of the subscriber's own entry, which is told the outcome; -1 for none.</param>
    public void Add(in TransportSettlement settlement, long sequence = 0, int entry = -1)
    {
        if (_settlements is null || _origins is null)
        {
            _settlements = ArrayPool<TransportSettlement>.Shared.Rent(16);
            _origins = ArrayPool<Origin>.Shared.Rent(16);
        }
        else if (Count == Math.Min(_settlements.Length, _origins.Length))
        {
            Grow(ref _settlements);
            Grow(ref _origins);
        }

        _settlements[Count] = settlement;
        _origins[Count++] = new Origin(sequence, entry);
    }

    public void Dispose()
    {
        if (_settlements is not null && _origins is not null)
        {
            _settlements.AsSpan(0, Count).Clear();
            ArrayPool<TransportSettlement>.Shared.Return(_settlements);
            ArrayPool<Origin>.Shared.Return(_origins);
        }

        this = default;
    }

    private static void Grow<T>(ref T[] array)
    {
        var larger = ArrayPool<T>.Shared.Rent(array.Length * 2);
        array.CopyTo(larger, 0);
        ArrayPool<T>.Shared.Return(array, clearArray: true);
        array = larger;
    }

    internal readonly record struct Origin(long Sequence, int Entry);
}
