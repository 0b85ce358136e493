//! What people, offices and departments are called. Tables only; who gets which name is decided in
//! `company`. An entry `shown|spelled` carries its Latin spelling for the e-mail address.

use crate::chance::Chance;

pub(crate) struct Culture {
    pub(crate) language: &'static str,
    pub(crate) given: &'static [&'static str],
    pub(crate) family: &'static [&'static str],
}

pub(crate) static CULTURES: [Culture; 14] = [
    Culture {
        language: "en-US",
        given: &["Grace", "Marcus", "Alyssa", "Theodore", "Naomi", "Calvin", "Renée", "Miles"],
        family: &["O'Brien", "Whitaker", "Bennett", "McAllister", "D'Angelo", "Fox", "Hale"],
    },
    Culture {
        language: "de-DE",
        given: &["Jürgen", "Anneliese", "Sören", "Käthe", "Matthias", "Heike", "Lukas", "Frauke"],
        family: &["Müller", "Groß", "Schröder", "Weiß", "Kühn", "Vogel", "von der Heide"],
    },
    Culture {
        language: "fr-FR",
        given: &["Zoé", "François", "Hélène", "Jean-Luc", "Maëlle", "Aurélien", "Inès", "Loïc"],
        family: &["Lefèvre", "d'Aubigné", "Béranger", "Moreau", "L'Hermitte", "Garçon"],
    },
    Culture {
        language: "es-ES",
        given: &["Íñigo", "María José", "Begoña", "Álvaro", "Lucía", "Joaquín", "Núria", "Raúl"],
        family: &["Muñoz", "García Lorca", "Ibáñez", "Peña", "Castaño", "Núñez", "Vidal"],
    },
    Culture {
        language: "pt-BR",
        given: &["João", "Conceição", "Luísa", "Antônio", "Thaís", "Vinícius", "Débora"],
        family: &["Gonçalves", "Araújo", "da Conceição", "Guimarães", "Simões", "Lima"],
    },
    Culture {
        language: "pl-PL",
        given: &["Łukasz", "Agnieszka", "Bożena", "Wojciech", "Małgorzata", "Kamil", "Żaneta"],
        family: &["Wiśniewski", "Dąbrowska", "Łaski", "Kołodziej", "Źrebiec", "Zając"],
    },
    Culture {
        language: "sv-SE",
        given: &["Åsa", "Björn", "Märta", "Göran", "Linnéa", "Sixten", "Ebba", "Håkan"],
        family: &["Sjöberg", "Åkesson", "Lindqvist", "Öberg", "Hägg", "Nyström"],
    },
    Culture {
        language: "da-DK",
        given: &["Søren", "Kirsten", "Jørgen", "Freja", "Bjørn", "Mette", "Rasmus"],
        family: &["Nygård", "Kjær", "Sørensen", "Bæk", "Østergaard", "Holm"],
    },
    Culture {
        language: "tr-TR",
        given: &["Ayşe", "İbrahim", "Gülşen", "Oğuz", "Çağla", "Yiğit", "Elif"],
        family: &["Yıldız", "Öztürk", "Güneş", "Şahin", "Çelik", "Aydın"],
    },
    Culture {
        language: "en-IE",
        given: &["Siobhán", "Ciarán", "Aoife", "Pádraig", "Niamh", "Oisín", "Róisín"],
        family: &["O'Sullivan", "Ní Dhomhnaill", "Mac Cárthaigh", "O'Connor", "Byrne"],
    },
    Culture {
        language: "vi-VN",
        given: &["Hương|Huong", "Tuấn|Tuan", "Thảo|Thao", "Đức|Duc", "Ngọc|Ngoc"],
        family: &["Nguyễn|Nguyen", "Trần|Tran", "Phạm|Pham", "Đặng|Dang", "Vũ|Vu"],
    },
    Culture {
        language: "ja-JP",
        given: &["陽菜|Haruna", "健太|Kenta", "美咲|Misaki", "大輔|Daisuke", "結衣|Yui"],
        family: &["佐藤|Sato", "田中|Tanaka", "小林|Kobayashi", "渡辺|Watanabe"],
    },
    Culture {
        language: "el-GR",
        given: &["Ελένη|Eleni", "Γιώργος|Giorgos", "Δήμητρα|Dimitra", "Νίκος|Nikos"],
        family: &["Παπαδόπουλος|Papadopoulos", "Οικονόμου|Oikonomou", "Ρήγας|Rigas"],
    },
    Culture {
        language: "en-IN",
        given: &["Priya", "Arjun", "Lakshmi", "Rohan", "Ananya", "Vikram", "Meera", "Sanjay"],
        family: &["Iyer", "Chatterjee", "Deshpande", "Nair", "Kaur", "Banerjee", "Reddy"],
    },
];

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Office {
    pub name: &'static str,
    pub street: &'static str,
    pub city: &'static str,
    pub region: &'static str,
    pub postal_code: &'static str,
    pub country: &'static str,
    pub time_zone: &'static str,
    /// Up to the extension, of which a person has four digits.
    pub phone_prefix: &'static str,
}

macro_rules! office {
    ($name:literal, $street:literal, $city:literal, $region:literal, $code:literal, $country:literal, $zone:literal, $phone:literal) => {
        Office {
            name: $name,
            street: $street,
            city: $city,
            region: $region,
            postal_code: $code,
            country: $country,
            time_zone: $zone,
            phone_prefix: $phone,
        }
    };
}

/// Each with the index of the culture most of its people come from.
#[rustfmt::skip]
pub(crate) static OFFICES: [(Office, usize); 8] = [
    (office!("Berlin, Speicher 3", "Köpenicker Straße 40", "Berlin", "BE", "10179", "DE", "Europe/Berlin", "+49 30 5550"), 1),
    (office!("Portland, Pearl", "1120 NW Couch St", "Portland", "OR", "97209", "US", "America/Los_Angeles", "+1 503 555 "), 0),
    (office!("Dublin, Docklands", "12 Sir John Rogerson's Quay", "Dublin", "Leinster", "D02 W7F2", "IE", "Europe/Dublin", "+353 1 555 "), 9),
    (office!("São Paulo, Pinheiros", "Rua dos Pinheiros, 870", "São Paulo", "SP", "05422-001", "BR", "America/Sao_Paulo", "+55 11 5555-"), 4),
    (office!("Kraków, Kazimierz", "ul. Józefa 12", "Kraków", "Małopolskie", "31-056", "PL", "Europe/Warsaw", "+48 12 555 "), 5),
    (office!("Malmö, Västra Hamnen", "Stora Varvsgatan 6A", "Malmö", "Skåne", "211 74", "SE", "Europe/Stockholm", "+46 40 555 "), 6),
    (office!("Tokyo, Nihonbashi", "日本橋本町2-3-4", "Tokyo", "東京都", "103-0023", "JP", "Asia/Tokyo", "+81 3 5555 "), 11),
    (office!("Pune, Baner", "204 \"Sai Heights\", Baner Road", "Pune", "Maharashtra", "411045", "IN", "Asia/Kolkata", "+91 20 5555 "), 13),
];

/// A unit, under the unit at `parent`. Parents come first; the first is the whole company.
pub(crate) struct Unit {
    pub(crate) name: &'static str,
    pub(crate) parent: Option<usize>,
}

const fn top(name: &'static str) -> Unit {
    Unit { name, parent: None }
}

const fn under(parent: usize, name: &'static str) -> Unit {
    Unit { name, parent: Some(parent) }
}

#[rustfmt::skip]
pub(crate) static UNITS: [Unit; 30] = [
    top("Engineering"), top("Sales"), top("Customer Success"), top("Finance"), top("People"),
    top("Marketing"), top("IT"), top("Legal"),
    under(0, "Platform"), under(0, "Product"), under(0, "Security"), under(0, "Data"),
    under(1, "EMEA"), under(1, "Americas"), under(1, "APAC"),
    under(2, "Support"), under(2, "Onboarding"), under(3, "Accounting"), under(3, "Procurement"),
    under(4, "Recruiting"), under(5, "Brand"), under(5, "Growth"), under(6, "Service Desk"),
    under(8, "SRE"), under(8, "Storage"), under(8, "Networking"),
    under(9, "Web"), under(9, "Mobile"), under(9, "Payments"), under(10, "Detection & Response"),
];

/// Titles of a division's staff, in the order of the divisions above.
pub(crate) static TITLES: [&[&str]; 8] = [
    &["Software Engineer", "Senior Software Engineer", "Staff Engineer", "Test Engineer"],
    &["Account Executive", "Sales Engineer", "Account Manager"],
    &["Support Engineer", "Customer Success Manager", "Trainer"],
    &["Accountant", "Controller", "Buyer"],
    &["Recruiter", "People Partner", "Payroll Specialist"],
    &["Designer", "Content Editor", "Campaign Manager"],
    &["Systems Administrator", "Service Desk Analyst", "Workplace Engineer"],
    &["Counsel", "Paralegal", "Privacy Officer"],
];

/// Groups by function, with the share of the staff in them, in per cent.
pub(crate) static FUNCTIONS: [(&str, u64); 12] = [
    ("On-call", 8),
    ("VPN users", 70),
    ("Source code readers", 40),
    ("Budget owners", 6),
    ("Fire wardens", 3),
    ("Works council", 2),
    ("Beta testers", 12),
    ("Café & kitchen crew", 4),
    ("Security champions", 5),
    ("Travel bookers", 9),
    ("Interviewers", 15),
    ("Mentors", 7),
];

pub(crate) static PROJECTS: [&str; 16] = [
    "Falcon", "Juniper", "Basalt", "Ørsted", "Halcyon", "Marigold", "Ibex", "Cobalt", "Tundra",
    "Saffron", "Kestrel", "Lagoon", "Meteor", "Nimbus", "Orchid", "Quartz",
];

/// The name as shown and as spelled in Latin letters.
pub(crate) fn pick_name(
    chance: &mut Chance,
    from: &[&'static str],
) -> (&'static str, &'static str) {
    let entry: &'static str = from[chance.below(from.len())];
    entry.split_once('|').unwrap_or((entry, entry))
}

/// ASCII letters for an e-mail address; blanks and apostrophes vanish.
pub(crate) fn fold(name: &str) -> String {
    name.chars().map(fold_letter).collect::<String>().to_ascii_lowercase()
}

fn fold_letter(letter: char) -> &'static str {
    const ASCII: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    if let Some(at) = ASCII.find(letter) {
        return &ASCII[at..=at];
    }
    match letter {
        'ä' | 'Ä' | 'æ' => "ae",
        'á' | 'à' | 'â' | 'ã' | 'ą' | 'Á' => "a",
        'å' | 'Å' => "aa",
        'ç' | 'ć' | 'Ç' => "c",
        'é' | 'è' | 'ê' | 'ë' | 'ę' => "e",
        'ğ' => "g",
        'í' | 'ï' | 'ı' | 'İ' | 'Í' => "i",
        'ł' | 'Ł' => "l",
        'ñ' | 'ń' => "n",
        'ö' | 'ø' | 'Ö' | 'Ø' => "oe",
        'ó' | 'ô' | 'õ' => "o",
        'ş' | 'ś' | 'Ş' => "s",
        'ß' => "ss",
        'ü' => "ue",
        'ú' => "u",
        'ź' | 'ż' | 'Ź' | 'Ż' => "z",
        _ => "",
    }
}
