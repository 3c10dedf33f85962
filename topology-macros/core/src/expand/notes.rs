//! Notes: warnings about what only the compiler knows. Each is a constant, named
//! after its rule, that is deprecated where the note applies.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::edges::anchor_span;
use super::written::Written;
use super::{paths, specs};
use crate::plan::{Plan, WaivedNote};
use crate::review::{hasty_edge, idle_boundary, unkeyed_replicas};

pub(super) fn notes(plan: &Plan) -> TokenStream {
    let idle = idle(plan);
    let hasty = hasty(plan);
    let unkeyed = unkeyed(plan);
    let overtaken = plan.overtaken.iter().map(overtaken);
    let waived = plan.waived.iter().map(|note| waived(plan, note));
    quote!(#idle #hasty #unkeyed #(#overtaken)* #(#waived)*)
}

/// A waiver of a note that does not apply is an error.
fn waived(plan: &Plan, note: &WaivedNote) -> TokenStream {
    let wiring = paths::here_at(note.rule.span());
    let name = &plan.name;
    let idle = note.idle.iter().map(|&(from, to)| {
        let (from, to) = (specs::number(from), specs::number(to));
        quote!(#wiring::is_idle::<#name>(#from, #to))
    });
    let hasty = note.hasty.iter().map(|(edge, steps)| {
        let edge = specs::number(*edge);
        let steps = steps.iter().map(|&step| specs::number(step));
        quote!(#wiring::is_hasty::<#name>(#edge, &[#(#steps),*]))
    });
    let unkeyed = (!note.unkeyed.is_empty()).then(|| {
        let steps = note.unkeyed.iter().map(|&step| specs::number(step));
        quote!(#wiring::is_stateful::<#name>(&[#(#steps),*]) ||)
    });
    let rule = note.rule.to_string();
    quote_spanned! {note.rule.span()=>
        const _: () = #wiring::checked::waiver(#rule, #(#idle ||)* #(#hasty ||)* #unkeyed false);
    }
}

/// The notes about queues between inline steps. Whether both are inline only
/// the compiler knows: the constant that it finds is deprecated if they are.
fn idle(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::here();
    let rule = Ident::new(idle_boundary::RULE.name, Span::call_site());
    let text = idle_boundary::TEXT;
    let uses = plan.idle.iter().map(|(from, to, anchor)| Boundary {
        from: &plan.steps[*from].alias,
        to: &plan.steps[*to].alias,
        anchor,
    });
    (!plan.idle.is_empty()).then(|| {
        quote! {
            // A warning for each queue between two inline steps.
            #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
            const _: () = {
                use #wiring::BusyBoundary as _;
                struct Boundary<A, B>(::core::marker::PhantomData<(A, B)>);
                impl<A: #wiring::Inline, B: #wiring::Inline> Boundary<A, B> {
                    #[deprecated(note = #text)]
                    const #rule: () = ();
                }
                #(#uses)*
            };
        }
    })
}

/// `Boundary::<from, to>::idle_boundary;`
struct Boundary<'a> {
    from: &'a Ident,
    to: &'a Ident,
    anchor: &'a TokenStream,
}

impl ToTokens for Boundary<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let written = Written::at(anchor_span(self.anchor), tokens);
        let written = written.word("Boundary").colons().mark('<').also(self.from);
        let written = written.mark(',').also(self.to).mark('>');
        written.path(idle_boundary::RULE.name).mark(';');
    }
}

/// The notes about edges that are given less time than their steps. The compiler
/// finds out about four at once: each constant is one more body for it.
fn hasty(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::here();
    let name = &plan.name;
    let rule = Ident::new(hasty_edge::RULE.name, Span::call_site());
    let text = hasty_edge::TEXT;
    let fours = plan.hasty.chunks(4).enumerate().map(|(number, four)| {
        let alias = Ident::new(&format!("Four{number}"), Span::mixed_site());
        let edges = four.iter().map(|(edge, _)| specs::number(*edge));
        let steps = four.iter().map(|(_, steps)| {
            let steps = steps.iter().map(|&step| specs::number(step));
            steps.collect::<Vec<_>>()
        });
        let uses = four.iter().enumerate().map(|(place, (edge, _))| Edge {
            four: &alias,
            place: ["Bit0", "Bit1", "Bit2", "Bit3"][place],
            anchor: &plan.edges[*edge].anchor,
        });
        quote! {
            type #alias = #wiring::Four<{ #wiring::hasty::<#name>(&[#((#edges, &[#(#steps),*])),*]) }>;
            #(#uses)*
        }
    });
    (!plan.hasty.is_empty()).then(|| {
        quote! {
            // A warning for each edge whose step may take longer than it.
            #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
            const _: () = {
                use #wiring::{Bit0, Bit1, Bit2, Bit3, PatientEdge as _};
                struct Edge<Four, Place>(::core::marker::PhantomData<(Four, Place)>);
                impl<Four: #wiring::Hasty<Place>, Place> Edge<Four, Place> {
                    #[deprecated(note = #text)]
                    const #rule: () = ();
                }
                #(#fours)*
            };
        }
    })
}

/// `Edge::<Four0, Bit0>::hasty_edge;`
struct Edge<'a> {
    four: &'a Ident,
    place: &'static str,
    anchor: &'a TokenStream,
}

impl ToTokens for Edge<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let written = Written::at(anchor_span(self.anchor), tokens);
        let written = written.word("Edge").colons().mark('<').also(self.four);
        let written = written.mark(',').word(self.place).mark('>');
        written.path(hasty_edge::RULE.name).mark(';');
    }
}

/// The notes about replicas of stateful steps, likewise.
fn unkeyed(plan: &Plan) -> Option<TokenStream> {
    let wiring = paths::here();
    let name = &plan.name;
    let rule = Ident::new(unkeyed_replicas::RULE.name, Span::call_site());
    let text = unkeyed_replicas::TEXT;
    let uses = plan.unkeyed.iter().map(|(steps, anchor)| {
        let anchor = anchor_span(anchor);
        let note = Ident::new(unkeyed_replicas::RULE.name, anchor);
        let wiring = paths::here_at(anchor);
        let steps = steps.iter().map(|&step| specs::number(step));
        quote_spanned! {anchor=>
            Replicas::<{ #wiring::is_stateful::<#name>(&[#(#steps),*]) }>::#note;
        }
    });
    (!plan.unkeyed.is_empty()).then(|| {
        quote! {
            // A warning for each stateful step with replicas and no key.
            #[allow(unused_imports, dead_code, path_statements, non_upper_case_globals)]
            const _: () = {
                use #wiring::AlikeReplicas as _;
                struct Replicas<const ARE_STATEFUL: bool>;
                impl Replicas<true> {
                    #[deprecated(note = #text)]
                    const #rule: () = ();
                }
                #(#uses)*
            };
        }
    })
}

/// The note about a key behind replicas that overtake one another.
fn overtaken((text, anchor): &(String, TokenStream)) -> TokenStream {
    let rule = Ident::new(unkeyed_replicas::RULE.name, Span::call_site());
    let used = Ident::new(unkeyed_replicas::RULE.name, anchor_span(anchor));
    quote! {
        const _: () = {
            #[deprecated(note = #text)]
            #[allow(non_upper_case_globals)]
            const #rule: () = ();
            #used
        };
    }
}
