using EventBroker.Broker.Settling;

namespace EventBroker.Endpoints.Grpc;

// A decoded AckRequest; its entries hold the results afterwards.
internal sealed class AckCall(SettleEntry[] entries, int count)
{
    public static readonly AckCall Empty = new([], 0);

    public Memory<SettleEntry> Entries => entries.AsMemory(0, count);
}
