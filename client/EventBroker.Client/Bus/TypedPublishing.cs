namespace EventBroker.Client.Bus;

/// <summary>The way of values through the middleware of a bus.</summary>
internal static class TypedPublishing
{
    public static async Task<string> PublishAsync<T>(
        EventBus bus, string eventName, IEventCodec<T> codec, T value, PublishOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(value);
        var context = new PublishContext(eventName, value, options);
        await RunAsync(bus, context, async () =>
        {
            var message = OutgoingValues.Encode(codec, value, context.ToOptions());
            context.Id = await bus.Transport.PublishAsync(eventName, message, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return context.Id ?? "";
    }

    /// <summary>Publishes a batch: each value goes through the middleware by itself, and what gets through goes together.</summary>
    public static async Task<IReadOnlyList<PublishResult>> PublishBatchAsync<T>(
        EventBus bus, string eventName, IEventCodec<T> codec, IReadOnlyList<T> values, PublishOptions? options, CancellationToken cancellationToken)
    {
        var items = new BatchItem[values.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var value = values[i] ?? throw new ArgumentException("a value is null", nameof(values));
            var item = items[i] = new BatchItem(new PublishContext(eventName, value, options));
            item.Run(bus, () => OutgoingValues.Encode(codec, value, item.Context.ToOptions()));
        }

        // Until each waits for the broker or has ended without it.
        await Task.WhenAll(items.Select(static item => item.Ready)).ConfigureAwait(false);
        var sent = items.Where(static item => item.Message is not null).ToArray();
        var results = await bus.Transport.PublishBatchAsync(
            eventName, [.. sent.Select(static item => item.Message!)], cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < sent.Length; i++)
        {
            sent[i].Sent(results[i]);
        }

        return await Task.WhenAll(items.Select(static item => item.EndAsync())).ConfigureAwait(false);
    }

    private static Task RunAsync(EventBus bus, PublishContext context, Func<Task> last)
    {
        var next = last;
        for (var i = bus.PublishMiddleware.Count - 1; i >= 0; i--)
        {
            var (middleware, inner) = (bus.PublishMiddleware[i], next);
            next = () => middleware(context, inner);
        }

        return next();
    }

    /// <summary>One value of a batch, between its middleware and the call that all of them share.</summary>
    private sealed class BatchItem(PublishContext context)
    {
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Task _running = Task.CompletedTask;

        public PublishContext Context => context;

        public Task Ready => _ready.Task;

        public OutgoingMessage? Message { get; private set; }

        public void Run(EventBus bus, Func<OutgoingMessage> encode) => _running = RunToEndAsync(bus, encode);

        public void Sent(PublishResult result)
        {
            context.Id = result.Id;
            if (result.Failure is null)
            {
                _sent.SetResult();
            }
            else
            {
                _sent.SetException(result.Failure);
                _ = _sent.Task.Exception;
            }
        }

        public async Task<PublishResult> EndAsync()
        {
            try
            {
                await _running.ConfigureAwait(false);
                return new PublishResult(context.Id ?? "", failure: null);
            }
            catch (EventBrokerException failure)
            {
                return new PublishResult(context.Id ?? "", failure);
            }
        }

        private async Task RunToEndAsync(EventBus bus, Func<OutgoingMessage> encode)
        {
            try
            {
                await RunAsync(bus, context, () =>
                {
                    Message = encode();
                    _ready.TrySetResult();
                    return _sent.Task;
                }).ConfigureAwait(false);
            }
            finally
            {
                _ready.TrySetResult();
            }
        }
    }
}
