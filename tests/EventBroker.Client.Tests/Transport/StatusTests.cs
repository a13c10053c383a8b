using EventBroker.Client.Tests.GoServer;
using EventBroker.Client.Tests.Hosting;
using Grpc.Core;

namespace EventBroker.Client.Tests.Transport;

// What a server's status means to the caller.
public sealed class StatusTests
{
    [Theory]
    [InlineData(ErrorCode.Unavailable)]
    [InlineData(ErrorCode.DeadlineExceeded)]
    [InlineData(ErrorCode.Cancelled)]
    [InlineData(ErrorCode.Internal)]
    [InlineData(ErrorCode.Unknown)]
    [InlineData(ErrorCode.Aborted)]
    public async Task A_publish_that_may_succeed_later_is_tried_again_with_the_same_id(ErrorCode code)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        var ids = new List<string>();
        server.Service.OnPublish = request =>
        {
            ids.Add(request.Id);
            return ids.Count < 3 ? throw new RpcException(new Status((StatusCode)(int)code, "later")) : Task.CompletedTask;
        };

        var id = await client.PublishAsync("e", new OutgoingMessage());

        Assert.Equal([id, id, id], ids);
    }

    [Theory]
    [InlineData(ErrorCode.NotFound)]
    [InlineData(ErrorCode.AlreadyExists)]
    [InlineData(ErrorCode.FailedPrecondition)]
    [InlineData(ErrorCode.PermissionDenied)]
    [InlineData(ErrorCode.Unauthenticated)]
    [InlineData(ErrorCode.InvalidArgument)]
    [InlineData(ErrorCode.Unimplemented)]
    [InlineData(ErrorCode.OutOfRange)]
    public async Task An_answer_is_not_asked_for_again(ErrorCode code)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        server.Service.OnPublish = _ => throw new RpcException(new Status((StatusCode)(int)code, "no"));

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("e", new OutgoingMessage()));

        Assert.Equal(code, exception.Code);
        Assert.False(exception.IsTransient);
        Assert.Equal("no", exception.Message);
        Assert.Equal(1, server.Requests.Count("Publish"));
    }

    [Theory]
    [InlineData(ErrorCode.DeadlineExceeded)]
    [InlineData(ErrorCode.Cancelled)]
    public async Task A_status_that_sounds_like_a_cancellation_is_the_brokers_and_not_the_callers(ErrorCode code)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address, static o => o.Retry.MaxRetries = 1);
        await client.RegisterAsync("e");
        server.Service.OnPublish = _ => throw new RpcException(new Status((StatusCode)(int)code, "too slow"));

        var exception = await Assert.ThrowsAsync<EventBrokerException>(() => client.PublishAsync("e", new OutgoingMessage()));

        Assert.Equal(code, exception.Code);
        Assert.True(exception.IsTransient);
        Assert.Equal(2, server.Requests.Count("Publish"));
    }

    [Theory]
    [InlineData(ErrorCode.DeadlineExceeded)]
    [InlineData(ErrorCode.Cancelled)]
    [InlineData(ErrorCode.Unavailable)]
    [InlineData(ErrorCode.Aborted)]
    public async Task A_stream_that_ends_with_a_passing_fault_comes_back(ErrorCode code)
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        await using var subscription = await client.SubscribeAsync("e");
        await client.PublishAsync("e", "m-1");
        await subscription.NextAsync();

        server.Service.EndStreams(new RpcException(new Status((StatusCode)(int)code, "gone")));
        await client.PublishAsync("e", "m-2");

        Assert.Equal("m-2", (await subscription.NextAsync()).Id);
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_own_cancellation()
    {
        await using var server = await GoEventServer.CreateAsync();
        await using var client = Clients.Open(server.Address);
        await client.RegisterAsync("e");
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Service.OnPublish = _ =>
        {
            arrived.TrySetResult();
            return release.Task;
        };
        using var giveUp = new CancellationTokenSource();

        var publish = client.PublishAsync("e", new OutgoingMessage(), giveUp.Token);
        await arrived.Task;
        await giveUp.CancelAsync();

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publish);
        Assert.Equal(giveUp.Token, exception.CancellationToken);
        release.SetResult();
    }
}
