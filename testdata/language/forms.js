const rows=[["language","form","input","written"]];
const tags={en:"en-GB"};
for (const l of ["en","fr","es","pt","pt-PT","ar","ru","zh","de"]) { const t=tags[l]||l;
 const N=new Intl.NumberFormat(t,{maximumFractionDigits:9}), P=new Intl.NumberFormat(t,{style:"percent",maximumFractionDigits:9});
 for (const x of [0,7,999,1000,1234,9999,10000,12345,1234567,9007199254740991]) rows.push([l,"number",x,N.format(x)]);
 for (const x of [-1,-1234,-56789]) rows.push([l,"signed",x,N.format(x)]);
 for (const x of ["0.25","-0.5","3.125","1234.5","12345.75"]) rows.push([l,"decimal",x,N.format(x)]);
 for (const x of [0,12,95,100]) rows.push([l,"percent",x,P.format(x/100)]);
 for (const [a,b] of [[1,2],[0,12345],[1234,56789]]) rows.push([l,"range",a+".."+b,N.formatRange(a,b)]);
 for (let m=0;m<12;m++){ const d=new Date(Date.UTC(2026,m,(m*5)%28+1)); const iso=d.toISOString().slice(0,10);
  rows.push([l,"day",iso,new Intl.DateTimeFormat(t,{dateStyle:"long",timeZone:"UTC"}).format(d)]);
  rows.push([l,"period",iso.slice(0,7),new Intl.DateTimeFormat(t,{year:"numeric",month:"long",timeZone:"UTC"}).format(d)]);}
 for (const q of [1,4]) if(!["en","ru","zh"].includes(l)) rows.push([l,"period","2026-Q"+q,new Intl.DateTimeFormat(t,{year:"numeric",month:"long",timeZone:"UTC"}).formatRange(new Date(Date.UTC(2026,q*3-3,1)),new Date(Date.UTC(2026,q*3-1,1)))]);
}
console.log("# Made by Intl of Node.js "+process.versions.node+", ICU "+process.versions.icu+", CLDR "+process.versions.cldr+": `node testdata/language/forms.js`");
for(const r of rows) console.log(r.map(v=>/[",]/.test(v)?'"'+String(v).replace(/"/g,'""')+'"':v).join(","));
