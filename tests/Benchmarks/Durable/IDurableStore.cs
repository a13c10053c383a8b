namespace Benchmarks.Durable;

/// <summary>Something that answers once a message is on the disk.</summary>
internal interface IDurableStore : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Stores a message and returns when that is answered. Called by many at a time.</summary>
    Task PublishAsync(CancellationToken cancellation);
}
