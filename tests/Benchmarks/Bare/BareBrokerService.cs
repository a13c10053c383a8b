using EventBroker.Protos.Broker.V1;
using Grpc.Core;

namespace Benchmarks.Bare;

/// <summary>A generated client-streaming handler that counts and forgets, and replies when nothing more is waiting.</summary>
internal sealed class BareBrokerService : BrokerService.BrokerServiceBase
{
    public override async Task PublishStream(
        IAsyncStreamReader<PublishItem> requestStream, IServerStreamWriter<PublishProgress> responseStream, ServerCallContext context)
    {
        await context.WriteResponseHeadersAsync([]);
        long count = 0, told = 0;
        while (true)
        {
            var next = requestStream.MoveNext(context.CancellationToken);
            if (!next.IsCompleted && told != count)
            {
                told = count;
                await responseStream.WriteAsync(new PublishProgress { Count = count }, context.CancellationToken);
            }

            if (!await next)
                break;

            count++;
        }

        if (told != count)
            await responseStream.WriteAsync(new PublishProgress { Count = count }, context.CancellationToken);
    }
}
