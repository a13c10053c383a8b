using System.Threading.Channels;

namespace EventBroker.Client.Tests.Faults;

// The changes of a transport's state, to be awaited in their order.
internal sealed class States
{
    private readonly Channel<ConnectionStateChangedEventArgs> _changes = Channel.CreateUnbounded<ConnectionStateChangedEventArgs>();
    private ConnectionState _last = ConnectionState.Disconnected;

    public States(RemoteTransport transport) => transport.StateChanged += (_, change) => _changes.Writer.TryWrite(change);

    // Fails if the next changes are others, or do not follow from each other.
    public async Task ExpectAsync(params ConnectionState[] states)
    {
        foreach (var state in states)
        {
            var change = await _changes.Reader.ReadAsync();
            Assert.Equal(_last, change.Previous);
            Assert.Equal(state, change.Current);
            _last = change.Current;
        }
    }

    public void ExpectNoMore() => Assert.False(_changes.Reader.TryPeek(out _));
}
