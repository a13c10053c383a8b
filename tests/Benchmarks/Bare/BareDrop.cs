using Microsoft.AspNetCore.Http;

namespace Benchmarks.Bare;

/// <summary>Reads the body of a gRPC call to its end without looking at it, and denies the call.</summary>
internal static class BareDrop
{
    public const string Path = "/drop";

    public static async Task DenyAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = "7";
    }
}
