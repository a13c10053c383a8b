namespace EventBroker.Endpoints.Streaming;

// Whose turn it is to write to a connection that has several writers: deliveries, heartbeats, replies. The core sees to deliveries that are
// not taken; who writes anything else is seen to here, since deliveries wait for it.
#pragma warning disable CA1001 // The semaphore holds nothing that needs disposing, since nobody asks for its wait handle.
internal sealed class WriteTurn(StreamConnection connection, TimeSpan patience, TimeProvider time)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public ValueTask EnterAsync() => new(_free.WaitAsync());

    public void Exit() => _free.Release();

    // Writes when it is its turn.
    public async ValueTask WriteAsync(Func<ValueTask> write)
    {
        await _free.WaitAsync();
        await WriteAndExitAsync(write);
    }

    // Does nothing when somebody is writing anyway.
    public async ValueTask TryWriteAsync(Func<ValueTask> write)
    {
        if (await _free.WaitAsync(TimeSpan.Zero))
        {
            await WriteAndExitAsync(write);
        }
    }

    // The last turn of all: waits for whoever is writing, and cuts the connection under it if that takes too long.
    public async Task CloseAsync(TimeSpan timeout)
    {
        var entered = _free.WaitAsync();
        try
        {
            await entered.WaitAsync(timeout, time);
        }
        catch (TimeoutException)
        {
            connection.Cut();
            await entered;
        }
    }

    private async ValueTask WriteAndExitAsync(Func<ValueTask> write)
    {
        try
        {
            await WatchAsync(write());
        }
        finally
        {
            _free.Release();
        }
    }

    private async ValueTask WatchAsync(ValueTask write)
    {
        if (write.IsCompleted)
        {
            await write;
            return;
        }

        var blocked = write.AsTask();
        try
        {
            await blocked.WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            connection.Cut();
            await blocked;
        }
    }
}
