using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ControlPlane.Certificates;

/// <summary>What a PKCS#10 request (RFC 2986) asks for; its signature, which shows that the sender has the key, was checked.</summary>
internal sealed record SigningRequest(string CommonName, IReadOnlyList<string> Organizations, IReadOnlyList<string> DnsNames, IReadOnlyList<IPAddress> Addresses)
{
    private const string CommonNameOid = "2.5.4.3", OrganizationOid = "2.5.4.10", AlternativeNamesOid = "2.5.29.17", Label = "CERTIFICATE REQUEST";

    /// <summary>Names of kinds that no signer of ours issues: e-mail addresses, URIs and the rest.</summary>
    public IReadOnlyList<string> OtherNames { get; private init; } = [];

    public required X500DistinguishedName Subject { get; init; }

    public required PublicKey Key { get; init; }

    /// <summary>The extension subjectAltName as it was sent; null where there is none.</summary>
    public X509Extension? AlternativeNames { get; private init; }

    /// <exception cref="FormatException">It is no such request, or its signature is not that of its key.</exception>
    public static SigningRequest Parse(ReadOnlySpan<byte> pem)
    {
        var text = Encoding.ASCII.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != Label) throw new FormatException("PEM block type must be CERTIFICATE REQUEST");
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(text[fields.Location], HashAlgorithmName.SHA256,
                CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions, RSASignaturePadding.Pkcs1); // only the names are read of them
            var subject = request.SubjectName.EnumerateRelativeDistinguishedNames().ToList();
            if (subject.Any(name => name.HasMultipleElements)) throw new FormatException("a part of the subject has more than one value");
            var names = subject.Select(name => (Oid: name.GetSingleElementType().Value, Value: name.GetSingleElementValue() ?? "")).ToList();
            return WithNames(new SigningRequest(names.LastOrDefault(name => name.Oid == CommonNameOid).Value ?? "",
                names.Where(name => name.Oid == OrganizationOid).Select(name => name.Value).ToList(), [], []) { Subject = request.SubjectName, Key = request.PublicKey },
                request.CertificateExtensions.Where(extension => extension.Oid?.Value == AlternativeNamesOid).ToList());
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException or NotSupportedException) { throw new FormatException(e.Message, e); }
    }

    /// <summary>GeneralNames of RFC 5280, 4.2.1.6.</summary>
    private static SigningRequest WithNames(SigningRequest request, List<X509Extension> extensions)
    {
        if (extensions.Count == 0) return request;
        if (extensions.Count > 1) throw new FormatException("more than one subjectAltName extension");
        var (dns, addresses, others) = (new List<string>(), new List<IPAddress>(), new List<string>());
        var names = new AsnReader(extensions[0].RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var tag = names.PeekTag();
            if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 2 }) dns.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            else if (tag is { TagClass: TagClass.ContextSpecific, TagValue: 7 }) addresses.Add(new IPAddress(names.ReadOctetString(tag)));
            else others.Add($"{tag.TagValue switch { 1 => "Email", 6 => "URI", _ => "other" }}:{Convert.ToHexString(names.ReadEncodedValue().Span)}");
        }
        return request with { DnsNames = dns, Addresses = addresses, OtherNames = others, AlternativeNames = new X509Extension(extensions[0].Oid!, extensions[0].RawData, false) };
    }
}
