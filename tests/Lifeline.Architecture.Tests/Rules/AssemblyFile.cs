using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Lifeline.Architecture.Tests.Rules;

/// <summary>A method that an assembly uses.</summary>
/// <param name="Type">The full name of the type it belongs to, without type arguments.</param>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">How many parameters it takes.</param>
/// <param name="ParameterTypes">The full names of their types where they are plain classes or structs.</param>
internal sealed record UsedMember(string Type, string Name, int Parameters, IReadOnlyList<string> ParameterTypes);

/// <summary>What a compiled assembly uses and defines, read from its metadata.</summary>
internal sealed record AssemblyFile
{
    private AssemblyFile(string name) => Name = name;

    internal string Name { get; }

    /// <summary>Assemblies of which it uses a type.</summary>
    internal required IReadOnlyList<string> Assemblies { get; init; }

    /// <summary>Full names of the types of other assemblies that it uses.</summary>
    internal required IReadOnlyList<string> Types { get; init; }

    /// <summary>Methods of other assemblies that it uses.</summary>
    internal required IReadOnlyList<UsedMember> Members { get; init; }

    /// <summary>Its own methods that are P/Invokes, as Type.Method.</summary>
    internal required IReadOnlyList<string> NativeMethods { get; init; }

    /// <summary>All of its own methods, as Type.Method.</summary>
    internal required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Its own public types that are not nested: namespace and name.</summary>
    internal required IReadOnlyList<(string Namespace, string Name)> PublicTypes { get; init; }

    internal static AssemblyFile Read(string path)
    {
        using var pe = new PEReader(File.OpenRead(path));
        MetadataReader metadata = pe.GetMetadataReader();
        return new AssemblyFile(metadata.GetString(metadata.GetAssemblyDefinition().Name))
        {
            Assemblies = [.. metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name)).Order(StringComparer.Ordinal)],
            Types = [.. metadata.TypeReferences.Select(h => TypeNames.OfReference(metadata, h)).Distinct().Order(StringComparer.Ordinal)],
            Members = [.. metadata.MemberReferences.Select(h => ReadMember(metadata, metadata.GetMemberReference(h))).OfType<UsedMember>()],
            NativeMethods = [.. metadata.MethodDefinitions.Select(metadata.GetMethodDefinition)
                .Where(m => m.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
                .Select(m => $"{TypeNames.OfDefinition(metadata, m.GetDeclaringType())}.{metadata.GetString(m.Name)}")],
            Methods = [.. metadata.MethodDefinitions.Select(metadata.GetMethodDefinition)
                .Select(m => $"{TypeNames.OfDefinition(metadata, m.GetDeclaringType())}.{metadata.GetString(m.Name)}")],
            PublicTypes = [.. metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
                .Where(t => (t.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public)
                .Select(t => (metadata.GetString(t.Namespace), metadata.GetString(t.Name)))],
        };
    }

    private static UsedMember? ReadMember(MetadataReader metadata, MemberReference member)
    {
        if (member.GetKind() != MemberReferenceKind.Method)
            return null;
        MethodSignature<string> signature = member.DecodeMethodSignature(TypeNames.Instance, null);
        string? type = member.Parent.Kind switch
        {
            HandleKind.TypeReference => TypeNames.OfReference(metadata, (TypeReferenceHandle)member.Parent),
            HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(TypeNames.Instance, null),
            _ => null,
        };
        return type is null ? null : new UsedMember(type, metadata.GetString(member.Name), signature.ParameterTypes.Length, signature.ParameterTypes);
    }
}
