using Benchmarks.Clients;

namespace Benchmarks.Loads;

/// <summary>Posts one body again and again with h2load.</summary>
internal sealed class H2LoadPosts : ILoad
{
    private readonly string _bodyFile = Path.GetTempFileName();
    private readonly Uri _target;
    private readonly H2LoadShape _shape;

    public H2LoadPosts(Uri target, byte[] body, H2LoadShape shape)
    {
        _target = target;
        _shape = shape;
        File.WriteAllBytes(_bodyFile, body);
    }

    public long Step => _shape.Connections;

    public Task RunAsync(long messages, CancellationToken cancellation) =>
        H2Load.RunAsync(_target, _bodyFile, _shape, messages, cancellation);

    public ValueTask DisposeAsync()
    {
        File.Delete(_bodyFile);
        return ValueTask.CompletedTask;
    }
}
