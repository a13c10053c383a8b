using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EventBroker.FunctionalTests.Hosting;

namespace EventBroker.FunctionalTests.Rest;

// Plays the recorded cases of rest-golden.json against the running broker.
public sealed class GoldenTests
{
    [Fact]
    public async Task Every_recorded_case_is_answered_as_recorded()
    {
        await using var host = await BrokerHost.StartAsync();
        using var cases = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "rest-golden.json")));
        var faults = new List<string>();
        foreach (var recorded in cases.RootElement.EnumerateArray())
        {
            if (recorded.TryGetProperty("setup", out var setup))
            {
                foreach (var step in setup.EnumerateArray())
                {
                    (await SendAsync(host, step)).Dispose();
                }
            }

            using var response = await SendAsync(host, recorded);
            var body = await response.Content.ReadAsStringAsync();
            var expect = recorded.GetProperty("expect");
            if ((int)response.StatusCode != expect.GetProperty("status").GetInt32() || !JsonSubset.Matches(expect.GetProperty("json"), body)
                || response.Content.Headers.ContentType?.ToString() != "application/json")
            {
                faults.Add($"{recorded.GetProperty("name").GetString()}: {(int)response.StatusCode} {response.Content.Headers.ContentType} {body}");
            }
        }

        Assert.Empty(faults);
    }

    private static async Task<HttpResponseMessage> SendAsync(BrokerHost host, JsonElement step)
    {
        // As it stands, without the normalising that Uri does to %2F.
        var path = step.GetProperty("path").GetString()!;
        var uri = new Uri(host.HttpAddress.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(step.GetProperty("method").GetString()!), uri);
        if (Body(step) is { } body)
        {
            request.Content = new ByteArrayContent(body);
        }

        if (step.TryGetProperty("headers", out var headers))
        {
            foreach (var header in headers.EnumerateObject())
            {
                if (header.NameEquals("Content-Type"))
                {
                    request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
                }
                else
                {
                    request.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
                }
            }
        }

        return await host.Http.SendAsync(request);
    }

    private static byte[]? Body(JsonElement step)
    {
        if (step.TryGetProperty("body_b64", out var base64))
        {
            return base64.GetBytesFromBase64();
        }

        if (step.TryGetProperty("body_repeat", out var repeat))
        {
            var text = repeat.GetProperty("text").GetString()!;
            return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, repeat.GetProperty("count").GetInt32())));
        }

        return step.TryGetProperty("body", out var body) ? Encoding.UTF8.GetBytes(body.GetString()!) : null;
    }
}
