using System.Xml.Linq;
using Holdfast.Api.Http.Calls;
using Holdfast.Contracts.Callers;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Holdfast.Api.Hosting;

/// <summary>
/// What ASP.NET Core protects (cookies, say) with keys of its own: those lie in the store, so that each front door reads what another has
/// written, and none of it lies in files. They are made with the first use; until then there are none.
/// </summary>
internal static class SharedProtection
{
    public static void AddSharedProtection(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddDataProtection().SetApplicationName("holdfast");
        services.AddOptions<KeyManagementOptions>().Configure<IGrainFactory, GrainCalls>(static (options, grains, calls) =>
            options.XmlRepository = new KeyringElements(grains.GetGrain<IKeyring>(IKeyring.Only), calls));

        // It would ask for keys while the server starts, which nobody has used yet, before there is a silo to ask.
        foreach (var eager in services.Where(IsEager).ToArray()) services.Remove(eager);
    }

    private static bool IsEager(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService) && service.ImplementationType?.Assembly == typeof(KeyManagementOptions).Assembly;

    /// <summary>The framework asks seldom, and waits: a thread of its own does so for it.</summary>
    private sealed class KeyringElements(IKeyring ring, GrainCalls calls) : IXmlRepository
    {
        public IReadOnlyCollection<XElement> GetAllElements() => Array.ConvertAll(
            Wait(calls.Send(ring, 0, static (ring, _) => ring.ReadShared(), CancellationToken.None)), static text => XElement.Parse(text));

        public void StoreElement(XElement element, string friendlyName) => Wait(calls.Send(
            ring, element.ToString(SaveOptions.DisableFormatting), static (ring, text) => Share(ring, text), CancellationToken.None));

        private static async ValueTask<bool> Share(IKeyring ring, string text)
        {
            await ring.Share(text);
            return true;
        }

        private static T Wait<T>(ValueTask<T> answer)
        {
            var (result, failure, task) = (default(T), (Exception?)null, answer.AsTask());
            var thread = new Thread(() =>
            {
                try
                {
                    result = task.GetAwaiter().GetResult();
                }
#pragma warning disable CA1031 // Thrown again by who waits.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = exception;
                }
            })
            {
                IsBackground = true,
            };
            thread.Start();
            thread.Join();
            if (failure is not null) throw new InvalidOperationException("The keys that front doors share cannot be had.", failure);
            return result!;
        }
    }
}
